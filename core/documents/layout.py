"""The numbers of a page, in the order of GB/T 9704-2012 (参照), as measured where a full page holds 22 lines of 28.

Units: mm and pt as named; fonts are named and not embedded.
"""

from dataclasses import dataclass

PAGE_MM = (210, 297)  # A4
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26
LANDSCAPE_MM = (28, 26, 37, 35)  # the same sheet turned: top, bottom, left, right
LINES, CHARACTERS = 22, 28
PITCH_PT = 28.95  # 29 pt would give 21 lines
SPACING_PT = -0.25  # between characters; without it 27 would fit
FOOTER_MM = 23  # the number stands 7 mm below the text
INDENT = 2  # characters at the beginning of a paragraph
RED = "E60012"


@dataclass(frozen=True, slots=True)
class Face:
    """A font by name, and its size."""

    font: str
    size_pt: float
    latin: str = "Times New Roman"


SONG_TITLE = "方正小标宋简体"
BODY = Face("仿宋_GB2312", 16)  # 三号
TITLE = Face(SONG_TITLE, 22)  # 二号
HEADINGS = (Face("黑体", 16), Face("楷体_GB2312", 16), BODY)  # 一、 （一） 1.
LABEL = Face("黑体", 16)
NUMBER = Face("宋体", 14, "宋体")  # 四号
RED_HEAD_PT = (24, 42)  # as large as fits on one line
CELL, CELL_HEAD = Face("仿宋_GB2312", 12), Face("黑体", 12)  # 小四
CELL_PITCH_PT = 18
CELL_MARGINS_MM = 3.8  # left and right together
WHOLE_LINES = 12  # a longer row of a table may go over two pages
WHOLE_ROWS = 9  # and so may a table of more rows, its head counted
NOTE = Face("楷体_GB2312", 12)

# A sheet that holds a whole case on one page: a form, not a letter.
DENSE_MM = (18, 18, 20, 18)  # top, bottom, left, right
DENSE_TITLE = Face(SONG_TITLE, 18)  # 小二
DENSE_CELL, DENSE_HEAD = Face("仿宋_GB2312", 10.5), Face("黑体", 10.5)  # 五号
DENSE_PITCH_PT = 15
