"""The code tables that the city's people are described in.

Each member carries the national standard's `code` and its Chinese `text`. The line systems number some of
these otherwise: translating is the business of each mock.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class DocumentKind(StrEnum):
    """Say what paper a person is known by; `none` has an empty number."""

    CITIZEN = "citizen"
    NONE = "none"
    PASSPORT = "passport"


class Gender(StrEnum):
    """Name the gender as the unified record does (GB/T 2261.1: 1 male, 2 female)."""

    FEMALE = "female"
    MALE = "male"


class MealService(StrEnum):
    """Say how a person's 助餐 reaches them."""

    CANTEEN = "社区食堂"
    DELIVERY = "送餐上门"


class Coded(Enum):
    """Pair a standard's code with its words."""

    def __init__(self, code: str, text: str) -> None:
        """Keep both under their names."""
        self.code = code
        self.text = text


class ResidenceStatus(Coded):
    """Compare where a person lives with where they are registered (人户状态)."""

    SAME = ("1", "人户一致")
    LIVES_HERE_ONLY = ("2", "人在户不在")
    REGISTERED_HERE_ONLY = ("3", "户在人不在")


class ResidentType(Coded):
    """Say by what title a person lives in the city."""

    REGISTERED = ("1", "常口")
    MIGRANT = ("2", "暂口")
    OVERSEAS = ("3", "境外")
    UNDOCUMENTED = ("4", "无证")


class Marital(Coded):
    """Follow GB/T 2261.2."""

    SINGLE = ("10", "未婚")
    MARRIED = ("20", "已婚")
    WIDOWED = ("30", "丧偶")
    DIVORCED = ("40", "离婚")
    UNKNOWN = ("90", "未说明的婚姻状况")


class Education(Coded):
    """Follow GB/T 4658."""

    GRADUATE = ("10", "研究生")
    UNIVERSITY = ("20", "大学本科")
    COLLEGE = ("30", "大学专科")
    VOCATIONAL = ("40", "中等专业学校")
    HIGH_SCHOOL = ("60", "普通高中")
    MIDDLE_SCHOOL = ("70", "初中")
    PRIMARY = ("80", "小学")
    OTHER = ("90", "其他")


class Kin(Coded):
    """Name the relation to the head of the household (GB/T 4761)."""

    HEAD = ("02", "户主")
    HUSBAND = ("11", "夫")
    WIFE = ("12", "妻")
    SON = ("20", "子")
    SON_IN_LAW = ("28", "女婿")
    DAUGHTER = ("30", "女")
    DAUGHTER_IN_LAW = ("38", "儿媳")
    GRANDSON = ("41", "孙子")
    GRANDDAUGHTER = ("42", "孙女")
    DAUGHTERS_SON = ("43", "外孙子")
    DAUGHTERS_DAUGHTER = ("44", "外孙女")
    FATHER = ("51", "父亲")
    MOTHER = ("52", "母亲")
    WIFES_FATHER = ("55", "岳父")
    WIFES_MOTHER = ("56", "岳母")
    OTHER = ("99", "非亲属")


class Ethnicity(Coded):
    """Follow GB/T 3304, as far as the city has such people; 97 stands for 'other', here foreigners."""

    HAN = ("01", "汉族")
    MONGOL = ("02", "蒙古族")
    HUI = ("03", "回族")
    TIBETAN = ("04", "藏族")
    UYGHUR = ("05", "维吾尔族")
    MIAO = ("06", "苗族")
    ZHUANG = ("08", "壮族")
    KOREAN = ("10", "朝鲜族")
    MANCHU = ("11", "满族")
    TUJIA = ("15", "土家族")
    OTHER = ("97", "其他")
