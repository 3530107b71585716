"""Invented persons: names that nobody in particular bears, and phone numbers that no network gives out."""

from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严洪武莫孔汤"
)
GIVEN_FIRST = "建志国永文晓海春秋玉秀桂丽红雪梦思雨佳俊子浩宇天明立学德兴荣福祥庆长少小云燕月兰慧婷静敏艳琳"
GIVEN_LAST = "华明军平峰强伟勇刚杰涛斌辉林生民芳英兰珍梅霞萍娟玲琴洁颖欣怡彤轩然博凯航晨阳宁安远清和成"


def person(rng: Random) -> str:
    """A name of two or three characters."""
    surname, last = rng.choice(SURNAMES), rng.choice(GIVEN_LAST)
    return surname + (last if rng.random() < 0.2 else rng.choice(GIVEN_FIRST) + last)


def persons(count: int, rng: Random) -> list[str]:
    """`count` different names of three characters."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[rng.choice(SURNAMES) + rng.choice(GIVEN_FIRST) + rng.choice(GIVEN_LAST)] = None
    return list(found)


def mobile(rng: Random) -> str:
    """Eleven digits that begin with 100, which no mobile network uses."""
    return f"100{rng.randrange(10**8):08d}"


def duty_phone(number: int) -> str:
    """The phone of a duty room under area code 0000, which does not exist."""
    return f"0000-88{number:02d}"
