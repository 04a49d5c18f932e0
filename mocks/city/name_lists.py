"""Syllables that names of each generation are put together from."""

from __future__ import annotations

from typing import Final, NamedTuple

# How often each surname of a group comes up, in Shanghai's order; the last groups hold compound surnames and
# the readings that libraries get wrong.
SURNAMES: Final = (
    (76, "张 王"),
    (61, "陈 李"),
    (38, "周 吴 徐 朱"),
    (30, "刘 杨 沈"),
    (23, "黄 陆 顾"),
    (17, "金 孙 赵 胡"),
    (12, "何 蒋 俞 曹 郑 唐 施 潘 钱 姚"),
    (9, "高 叶 林 谢 丁 姜 马 许 汪 倪"),
    (6, "郭 严 范 程 董 夏 瞿 龚 庄 戴 宋 章"),
    (3, "诸 殷 邵 邹 秦 杜 薛 盛 奚 乔 康"),
    (2, "曾 单 仇 任 欧阳"),
    (1, "解 查 褚 乐 盖 诸葛 上官 司徒"),
)
KOREAN_SURNAMES: Final = ("金", "朴", "李", "崔", "全", "许")


class Era(NamedTuple):
    """Hold the usual syllables of births from one year on; `single` percent of names have one syllable."""

    since: int
    single: int
    male: tuple[str, str]
    female: tuple[str, str]


ERAS: Final = (
    Era(1800, 4, ("德福根永金国志宝林庆长荣启文家", "生根发祥林福明昌荣康德才兴良富"),
        ("桂秀玉凤兰美惠素月淑金阿翠彩巧", "芳英珍兰娣宝妹琴仙珠花云凤华弟")),
    Era(1950, 12, ("建国卫志永伟忠文明爱宝振庆", "国华明平军民强伟康荣良新生东"),
        ("建丽秀美爱红玉惠小文慧雅春秋", "华英芳萍珍敏琴娟妹红燕芬玲琳")),
    Era(1970, 38, ("志伟建晓海国文俊勇立", "明军伟强峰华斌杰平刚勇磊"),
        ("丽静晓燕海敏雪文艳红莉慧", "华丽萍燕敏静芳红琴英霞娟")),
    Era(1985, 22, ("志俊嘉浩子天文宇晓家", "杰豪浩伟鑫宇辰轩明超"),
        ("雨思佳嘉晓欣梦诗怡婷", "婷怡雯琪倩颖妍洁瑶琳")),
    Era(2000, 8, ("子浩宇俊嘉天梓文", "轩豪宇杰涵睿泽辰"),
        ("欣雨思嘉佳诗语梓怡", "怡琪彤妍萱悦涵瑶雯")),
    Era(2010, 4, ("子梓浩宇沐奕皓一俊", "轩睿泽宸辰涵浩霖晨"),
        ("梓雨欣一语诗沐若可芷", "涵彤萱悦桐妍汐晴宸")),
)  # fmt: skip

# None of these is in GB2312; some are four bytes long in GB18030 and in UTF-8.
RARE_MALE: Final = ("堃", "喆", "燊", "翀", "赟", "昇", "𠮷", "𬭎", "𫘧", "𫍯")
RARE_FEMALE: Final = ("㛃", "𬱖", "珺", "祎", "媖", "喆", "𫍽", "赟")
RARE_PLACES: Final = ("国{}", "{}", "文{}", "玉{}", "{}华")

UYGHUR_MALE: Final = ("阿卜杜热合曼", "买买提江", "艾力", "吐尔逊", "玉素甫", "阿迪力", "艾尼瓦尔", "依明")
UYGHUR_FEMALE: Final = ("古丽巴哈尔", "阿依古丽", "热依汗古丽", "帕提古丽", "阿孜古丽", "米热古丽", "布佐热")
MONGOL_MALE: Final = ("巴特尔", "苏和", "那日苏", "朝鲁", "布和")
MONGOL_FEMALE: Final = ("苏日娜", "乌云其其格", "萨仁", "娜仁高娃", "塔娜")
TIBETAN_FIRST: Final = ("扎西", "次仁", "丹增", "格桑", "洛桑", "尼玛")
TIBETAN_MALE: Final = ("顿珠", "平措", "多吉", "罗布")
TIBETAN_FEMALE: Final = ("卓玛", "拉姆", "央金", "德吉")

FOREIGN_SURNAMES: Final = (
    "CARTER",
    "DUBOIS",
    "FISCHER",
    "GARCIA",
    "JENSEN",
    "NGUYEN",
    "O'BRIEN",
    "SMITH",
    "WEBER",
)
FOREIGN_MALE: Final = ("JOHN", "LUCAS", "MARTIN", "PAUL", "THOMAS", "PETER JAMES")
FOREIGN_FEMALE: Final = ("ANNA", "CLAIRE", "EMILY", "LAURA", "SOPHIE", "MARY JANE")
JAPANESE_SURNAMES: Final = ("𠮷田", "髙橋", "山﨑", "佐藤")
JAPANESE_MALE: Final = ("健一", "大輔", "翔太")
JAPANESE_FEMALE: Final = ("美咲", "恵子", "陽菜")
