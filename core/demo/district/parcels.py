"""What stands where: communities, grids and the land use of every parcel, each found by a point inside it."""

from dataclasses import dataclass
from enum import StrEnum


class Land(StrEnum):
    """How a parcel is built up."""

    COURT = "court"
    TOWERS = "towers"
    VILLAGE = "village"
    SCHOOL = "school"
    MARKET = "market"
    HOSPITAL = "hospital"
    MALL = "mall"
    OFFICE = "office"
    WORKS = "works"
    PARK = "park"
    EMBANKMENT = "embankment"
    CONSTRUCTION = "construction"


@dataclass(frozen=True)
class Parcel:
    """One piece of land between roads, found by a plan point; `front` is the share of shops along its roads."""

    grid: str
    name: str
    land: Land
    x: float
    y: float
    floors: int = 6
    front: float = 0.0


COMMUNITIES: dict[str, tuple[str, ...]] = {
    "书院社区": ("北塘", "云汀花园", "书院巷", "桂花巷", "听涛里", "渔巷", "文昌", "石桥"),
    "莲塘社区": ("府前街", "府前嘉园", "莲塘", "青桐村", "观澜", "莲塘雅苑", "锦绣里", "青桐", "东湾"),
    "古渡社区": ("滨江", "竹竿巷", "桥西里", "当铺巷", "古渡口", "布厂里", "棉纺新村", "康宁"),
    "南园社区": ("南桥", "柳堤", "桐南", "米行", "南园公馆", "南园", "望江新城"),
}
DEDICATED = frozenset({"云汀花园", "府前嘉园", "莲塘雅苑", "棉纺新村", "南园公馆", "望江新城"})

C, T, V = Land.COURT, Land.TOWERS, Land.VILLAGE

PARCELS: tuple[Parcel, ...] = (
    Parcel("北塘", "滨河公园", Land.EMBANKMENT, -1015, 500),
    Parcel("北塘", "北塘小区", C, -880, 570, 6, 0.6),
    Parcel("北塘", "滨河小区", C, -870, 415, 5, 0.3),
    Parcel("云汀花园", "云汀花园", C, -670, 490, 11, 0.5),
    Parcel("书院巷", "书院小学", Land.SCHOOL, -460, 580),
    Parcel("书院巷", "文庙小区", C, -250, 580, 6, 0.7),
    Parcel("桂花巷", "书院里小区", C, -450, 420, 6, 0.6),
    Parcel("桂花巷", "桂花苑", C, -240, 420, 7, 0.6),
    Parcel("府前街", "云汀街道办", Land.OFFICE, -30, 570, 9, 0.2),
    Parcel("府前街", "府后小区", C, -30, 410, 6, 0.7),
    Parcel("府前嘉园", "府前嘉园", T, 190, 480, 26, 0.5),
    Parcel("莲塘", "莲塘公园", Land.PARK, 390, 480),
    Parcel("莲塘", "莺啼小区", C, 590, 560, 6, 0.6),
    Parcel("莲塘", "莲蓬小区", C, 600, 400, 6, 0.4),
    Parcel("青桐村", "青桐村", V, 830, 530),
    Parcel("青桐村", "祠堂新村", C, 1010, 530, 6, 0.5),
    Parcel("青桐村", "青桐小区", C, 800, 390, 6, 0.4),
    Parcel("青桐村", "桐里物流园", Land.WORKS, 980, 390, 2, 0.3),
    Parcel("听涛里", "滨河公园", Land.EMBANKMENT, -1005, 255),
    Parcel("听涛里", "听涛里小区", C, -865, 255, 6, 0.2),
    Parcel("听涛里", "听涛名邸", T, -665, 255, 22, 0.3),
    Parcel("渔巷", "滨河公园", Land.EMBANKMENT, -1035, 95),
    Parcel("渔巷", "渔巷村", V, -880, 90),
    Parcel("渔巷", "渔市小区", C, -690, 90, 6, 0.6),
    Parcel("文昌", "文昌中学", Land.SCHOOL, -465, 255),
    Parcel("文昌", "文昌阁小区", C, -260, 255, 6, 0.7),
    Parcel("文昌", "槐荫小区", C, -470, 85, 6, 0.5),
    Parcel("文昌", "云汀百货", Land.MALL, -265, 85, 12, 0.4),
    Parcel("石桥", "石桥小区", C, -40, 230, 6, 0.7),
    Parcel("石桥", "云汀农贸市场", Land.MARKET, -40, 70, 1, 0.5),
    Parcel("观澜", "观澜苑", C, 195, 230, 11, 0.5),
    Parcel("观澜", "观澜商务中心", Land.OFFICE, 205, 60, 16, 0.4),
    Parcel("莲塘雅苑", "莲塘雅苑", C, 510, 230, 11, 0.4),
    Parcel("锦绣里", "锦绣小区", C, 420, 65, 6, 0.7),
    Parcel("锦绣里", "织锦苑", C, 620, 65, 7, 0.6),
    Parcel("青桐", "桐华小区", C, 800, 235, 6, 0.5),
    Parcel("青桐", "桐湾小区", C, 980, 235, 6, 0.5),
    Parcel("青桐", "青桐广场项目", Land.CONSTRUCTION, 800, 65),
    Parcel("青桐", "桐湾新居", C, 975, 65, 11, 0.5),
    Parcel("东湾", "东湾村", V, 1145, 110),
    Parcel("滨江", "滨河公园", Land.EMBANKMENT, -1055, -80),
    Parcel("滨江", "滨江小区", C, -890, -75, 6, 0.6),
    Parcel("滨江", "人民商场", Land.MALL, -685, -75, 6, 0.4),
    Parcel("竹竿巷", "滨河公园", Land.EMBANKMENT, -1045, -255),
    Parcel("竹竿巷", "溪南小区", C, -890, -260, 6, 0.4),
    Parcel("竹竿巷", "竹竿巷小区", C, -680, -265, 5, 0.6),
    Parcel("桥西里", "桥西小区", C, -470, -85, 6, 0.7),
    Parcel("桥西里", "云汀宾馆", Land.OFFICE, -265, -75, 14, 0.4),
    Parcel("当铺巷", "当铺巷小区", C, -465, -270, 6, 0.6),
    Parcel("当铺巷", "溪畔小区", C, -250, -270, 6, 0.6),
    Parcel("康宁", "康宁医院", Land.HOSPITAL, 40, -110, 12, 0.2),
    Parcel("康宁", "康宁苑", C, 50, -285, 6, 0.6),
    Parcel("南桥", "南桥小区", C, 365, -115, 6, 0.6),
    Parcel("南桥", "青桥花苑", C, 610, -110, 7, 0.6),
    Parcel("柳堤", "柳堤小区", C, 370, -290, 6, 0.5),
    Parcel("柳堤", "柳堤公园", Land.PARK, 610, -285),
    Parcel("桐南", "桐南新城", C, 890, -85, 15, 0.5),
    Parcel("桐南", "桐南工业园", Land.WORKS, 900, -270, 2, 0.3),
    Parcel("古渡口", "滨河公园", Land.EMBANKMENT, -1005, -470),
    Parcel("古渡口", "古渡村", V, -850, -430),
    Parcel("布厂里", "布厂小区", C, -790, -610, 5, 0.4),
    Parcel("布厂里", "东风布厂文创园", Land.WORKS, -580, -540, 3, 0.3),
    Parcel("棉纺新村", "棉纺新村", C, -300, -515, 6, 0.6),
    Parcel("米行", "米行村", V, -30, -440),
    Parcel("米行", "碾子小区", C, -30, -605, 6, 0.5),
    Parcel("南园公馆", "南园公馆", T, 180, -520, 28, 0.5),
    Parcel("南园", "南园小区", C, 390, -450, 6, 0.5),
    Parcel("南园", "南园小学", Land.SCHOOL, 395, -600),
    Parcel("望江新城", "望江新城", C, 610, -515, 11, 0.5),
)
