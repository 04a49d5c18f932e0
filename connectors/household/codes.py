"""The code tables of the household system, as the unified words."""

from __future__ import annotations

from connectors.sdk import IdentityKind

GENDERS = {"0": "未知", "1": "男", "2": "女", "9": "未说明"}
"""GB/T 2261.1."""

RESIDENCE_STATUSES = {"1": "人户一致", "2": "人在户不在", "3": "户在人不在"}
"""人户状态. Other systems number the same words differently."""

RESIDENT_TYPES = {"1": "常口", "2": "暂口", "3": "境外", "4": "无证"}

DOCUMENTS = {
    "111": IdentityKind.CITIZEN,  # 居民身份证
    "112": IdentityKind.CITIZEN,  # 临时居民身份证
    "113": IdentityKind.CITIZEN,  # 户口簿
    "411": IdentityKind.PASSPORT,  # 外交护照
    "412": IdentityKind.PASSPORT,  # 公务护照
    "414": IdentityKind.PASSPORT,  # 普通护照
    "511": IdentityKind.PASSPORT,  # 台湾居民来往大陆通行证
    "516": IdentityKind.PASSPORT,  # 港澳居民来往内地通行证
    "553": IdentityKind.PASSPORT,  # 外国人永久居留证
}
"""GA/T 517: what kind of number ZJHM is."""

_ETHNIC_GROUPS = (
    "汉族 蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 "
    "哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 "
    "土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 阿昌族 普米族 塔吉克族 怒族 "
    "乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 鄂伦春族 赫哲族 "
    "门巴族 珞巴族 基诺族"
).split()  # noqa: SIM905  # in the order of their codes; 56 lines of list would hide it
ETHNICITIES = {f"{code:02}": name for code, name in enumerate(_ETHNIC_GROUPS, start=1)} | {
    "97": "其他",
    "98": "外国血统中国籍人士",
}
"""GB/T 3304."""

KINSHIP = {
    "01": "本人",
    "02": "户主",
    "10": "配偶",
    "11": "夫",
    "12": "妻",
    "20": "子",
    "21": "独生子",
    "22": "长子",
    "23": "次子",
    "24": "三子",
    "25": "四子",
    "26": "五子",
    "27": "养子或继子",
    "28": "女婿",
    "29": "其他儿子",
    "30": "女",
    "31": "独生女",
    "32": "长女",
    "33": "二女",
    "34": "三女",
    "35": "四女",
    "36": "五女",
    "37": "养女或继女",
    "38": "儿媳",
    "39": "其他女儿",
    "40": "孙子、孙女或外孙子、外孙女",
    "41": "孙子",
    "42": "孙女",
    "43": "外孙子",
    "44": "外孙女",
    "45": "孙媳妇或外孙媳妇",
    "46": "孙女婿或外孙女婿",
    "47": "曾孙子或外曾孙子",
    "48": "曾孙女或外曾孙女",
    "49": "其他孙子、孙女或外孙子、外孙女",
    "50": "父母",
    "51": "父亲",
    "52": "母亲",
    "53": "公公",
    "54": "婆婆",
    "55": "岳父",
    "56": "岳母",
    "57": "继父或养父",
    "58": "继母或养母",
    "59": "其他父母关系",
    "60": "祖父母或外祖父母",
    "61": "祖父",
    "62": "祖母",
    "63": "外祖父",
    "64": "外祖母",
    "65": "配偶的祖父母或外祖父母",
    "66": "曾祖父",
    "67": "曾祖母",
    "68": "配偶的曾祖父母或外曾祖父母",
    "69": "其他祖父母或外祖父母关系",
    "70": "兄弟姐妹",
    "71": "兄",
    "72": "嫂",
    "73": "弟",
    "74": "弟媳",
    "75": "姐姐",
    "76": "姐夫",
    "77": "妹妹",
    "78": "妹夫",
    "79": "其他兄弟姐妹",
    "80": "其他",
    "99": "非亲属",
}
"""GB/T 4761: HZGX, the relation to the head of the household."""
