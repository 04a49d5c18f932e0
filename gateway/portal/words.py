"""Every word of the portal, in one catalogue per language: Chinese for now, English can follow beside it."""

from __future__ import annotations

from types import SimpleNamespace

from markupsafe import Markup

ZH: dict[str, str] = {
    "product": "社区云",
    "skip": "跳到正文",
    "nav": "主要页面",
    "nav_today": "今日",
    "nav_systems": "系统",
    "nav_audit": "留痕",
    "large": "大字",
    "large_on": "换成大字",
    "large_off": "换回正常字",
    "normal": "正常字",
    "sign_out": "退出",
    # search
    "find": "查找",
    "find_label": "查找居民",
    "find_placeholder": "姓名 / 拼音首字母 / 门牌 / 证件后四位",
    "find_results": "查找结果",
    "find_key": "按 / 键就能查找",
    "found": "找到 {count} 人",
    "found_nobody": "没有找到",
    "found_ask": "换个查法",
    "found_title": "查找结果",
    "found_all": "看全部结果",
    "found_first": "人多，只列了前 {count} 位。再加一个条件，比如楼号、姓。",
    "found_none": "没有找到“{query}”。",
    "found_none_partial": "目前没有找到“{query}”，但有系统没回话，不能说查无此人。",
    "found_none_next": (
        "换个写法试试：姓名的一部分、拼音首字母、3-502 这样的门牌，或整个证件号。"
        "这里只能查到您管辖范围内的居民。"
    ),
    "tail_needs_purpose": "按证件或电话的尾号找人，要先说明事由。",
    "wide_area_name_only": "您的范围比较大，请用姓名（从姓开始）或整个证件号来查。",
    "find_over": "这次查找已经过期",
    "find_over_text": "查找结果只保留 15 分钟，换人登录后也打不开。请再查一次。",
    # a person's file
    "file_title": "居民档案",
    "household_title": "同住的人",
    "age": "{age} 岁",
    "no_door": "门牌暂缺",
    "card_basics": "基本情况",
    "card_services": "补助与服务",
    "card_benefits": "残疾与优抚",
    "card_relief": "救助",
    "card_more": "其他",
    "missing": "暂时查不到",
    "unrecorded": "没有登记",
    "withheld": "按规定不显示",
    "stopped_at": "停在 {when}",
    "differ": "两处不一致",
    "waiting": "还没有回话，正在再查……",
    "try_again": "再查一次",
    "no_record": "{title}里没有这个人的记录。",
    "household_link": "看同住的人",
    "household": "同住",
    "members": "{count} 人",
    "role_head": "户主",
    "role_of": "户主之{role}",
    "sources": "这些信息从哪里来",
    "print": "打印",
    "look_trail": "看留痕",
    "strip_stale": "{title}系统暂时连不上。",
    "strip_stale_text": "{title}的信息停在 {when}。",
    "strip_stale_only": "{title}的信息停在 {when}，其他都是最新的。",
    "strip_down": "{title}系统暂时查不到。",
    "strip_down_text": "缺的项目不等于没有，请稍后再看。",
    "strip_drifted": "{title}系统改了样子，读不出来。",
    "strip_drifted_text": "缺的项目不等于没有，管理员已经能看到这个情况。",
    "strip_came": "{title}已经查到。",
    "source_ok": "{when} 查的",
    "source_stale": "连不上，停在 {when}",
    "source_not_found": "没有这个人的记录",
    "source_timeout": "没有回话，暂时查不到",
    "source_unavailable": "连不上，暂时查不到",
    "source_drifted": "改了样子，读不出来",
    "source_denied": "您的角色看不到",
    # reveal
    "reveal": "看全号",
    "reveal_other": "看全文",
    "reveal_why": "为什么要看？",
    "reveal_recorded": "会记入留痕，居民本人可查。",
    "reveal_note": "写明情况",
    "reveal_left": "{seconds} 秒后遮住",
    "reveal_hide": "遮住",
    "reveal_note_missing": "这个事由要写明情况（不超过 500 字）。",
    "reveal_purpose_missing": "请先选一个事由。",
    # today
    "hello_morning": "早上好",
    "hello_noon": "中午好",
    "hello_afternoon": "下午好",
    "hello_evening": "晚上好",
    "hello": "{name}，{hello}",
    "pinned": "常用查找",
    "pin_90": "90岁以上",
    "pin_90_text": "按楼号排好",
    "pin_alone": "独居老人",
    "pin_alone_text": "按楼号排好",
    "systems_now": "各系统情况",
    "what_you_may": "您可以做的事",
    "go_audit": "看留痕",
    "go_audit_text": "谁在什么时候、为什么看了什么",
    "nothing_yet": "这里暂时没有您要做的事",
    "nothing_yet_text": "需要查居民信息的话，请联系街道管理员。",
    "find_tip": "怎么找人",
    "find_tip_name": "姓名或其中一段：桂芳",
    "find_tip_pinyin": "拼音首字母：cgf",
    "find_tip_door": "门牌：3-502",
    "find_tip_age": "岁数：80岁以上",
    "find_tip_number": "整个证件号，或后四位（要说明事由）",
    # systems
    "systems_title": "系统",
    "state_ok": "正常",
    "state_unavailable": "连不上",
    "state_maintenance": "正在维护",
    "state_drifted": "对方改了样子，要有人来看",
    "state_needs_attention": "登录账号要有人处理",
    "last_success": "最近一次查到：{when}",
    "never_success": "启动后还没有查过",
    "took": "用时 {seconds} 秒",
    "took_none": "用时不到 0.1 秒",
    "queue": "有 {count} 个在排队",
    # audit
    "audit_title": "留痕",
    "audit_text": "谁在什么时候、为什么看了什么。看留痕也会记下来。",
    "audit_actor": "谁（用户名）",
    "audit_action": "做了什么",
    "audit_any": "全部",
    "audit_from": "从哪天",
    "audit_to": "到哪天",
    "audit_filter": "筛选",
    "audit_clear": "全部显示",
    "audit_one_person": "只列与同一位居民有关的记录。",
    "audit_none": "没有这样的记录。",
    "audit_none_next": "放宽条件再看，比如换一段日期。",
    "audit_next": "更早的",
    "audit_first": "回到最新",
    "audit_nobody": "没登录的人",
    "audit_same": "只看这位居民",
    "audit_people": "涉及 {count} 人",
    "audit_shown": "看到",
    "audit_masked": "遮着看",
    "audit_revealed": "看了全号",
    "audit_withheld": "没给看",
    "audit_note": "说明",
    "audit_rule": "规则",
    # sign-in
    "sign_in": "登录",
    "username": "用户名",
    "password": "密码",
    "sign_in_text": "一次登录，查到各条线上的居民信息。每次查看都会留痕。",
    "signed_out": "已退出。",
    "session_over": "太久没有动，已自动退出。登录后回到刚才的页面。",
    "sign_in_first": "请先登录，登录后就到您要看的页面。",
    "form_empty": "请填用户名和密码",
    "form_empty_text": "两样都要填。",
    # errors
    "problem_title": "提示",
    "error_rule": "依据的规则：{rule}",
    "error_number": "编号：{request_id}",
    "error_ask": "找谁：{whom}",
    "ask_admin": "系统管理员",
    "go_back_today": "回今日",
    "offline": "网络不通，没有查到。请看看网线或稍后再试。",
}

EN: dict[str, str] = {}
"""To come; until then every page is Chinese."""

LABELS: dict[str, str] = {
    "address": "住址",
    "age": "年龄",
    "allowance": "高龄津贴",
    "benefit_amounts": "补贴金额",
    "birth_date": "出生日期",
    "care_level": "照护等级",
    "disability": "残疾",
    "disability_subsidies": "残疾补贴",
    "door": "门牌",
    "emergency_contact": "紧急联系人",
    "ethnicity": "民族",
    "gender": "性别",
    "household_role": "与户主关系",
    "id_number": "证件号",
    "living_alone": "独居",
    "meal_days": "送餐日",
    "meal_service": "助餐",
    "milk_days": "送奶日",
    "milk_service": "送奶",
    "name": "姓名",
    "phone": "手机",
    "registered_address": "户籍地址",
    "relief_benefits": "救助金额",
    "relief_programmes": "救助项目",
    "relief_status": "救助情况",
    "residence_status": "居住情况",
    "resident_type": "人口类型",
    "tags": "标签",
    "veteran_status": "优抚对象",
}
"""Field -> what it is called; a field that is not here goes by its own name."""

YES_NO: dict[str, tuple[str, str]] = {
    "living_alone": ("是，独居", "不独居"),
    "meal_service": ("已办", "没有办"),
    "milk_service": ("已订", "没有订"),
}

ACTIONS: dict[str, str] = {
    "audit:read": "看留痕",
    "cache:purge": "清缓存",
    "chain:opened": "开始新的记录链",
    "household:read": "看一户",
    "resident:list": "看名单",
    "resident:lookup": "按证件号查人",
    "resident:read": "看档案",
    "resident:reveal": "看全号",
    "resident:search": "查找",
    "session:end": "退出",
    "session:failed": "登录没成功",
    "session:locked": "登录被锁",
    "session:start": "登录",
    "systems:read": "看系统情况",
}
"""Audited action -> what a person did."""

OUTCOMES: dict[str, str] = {
    "denied": "没有允许",
    "error": "出错",
    "not_found_in_scope": "范围内没有此人",
    "ok": "给看了",
    "unavailable": "当时查不到",
}

PROBLEMS: dict[str, tuple[str, str]] = {
    "cross_site": ("这一步没有做成", "页面开得太久，或不是从社区云自己的页面来的。请回到页面再做一次。"),
    "internal": ("系统出错了", "没有泄露任何信息。请把下面的编号告诉系统管理员。"),
    "invalid_input": ("填写有误", "地址里有不认识的内容，请从页面上重新选。"),
    "malformed": ("这一步没有做成", "没有读懂发来的内容，请回到页面再做一次。"),
    "method_not_allowed": ("没有这个页面", "请从今日开始。"),
    "not_found": ("没有这个页面", "地址可能不完整。请从今日开始，或重新查找。"),
    "too_large": ("内容太多", "请少写一些再发。"),
    "unsupported_media_type": ("这一步没有做成", "没有读懂发来的内容，请回到页面再做一次。"),
}
"""Code of a problem -> title and text where a page says it otherwise than the API."""

WEEKDAYS = "一二三四五六日"


def catalogue(words: dict[str, str]) -> SimpleNamespace:
    """Return the words as attributes, safe as they stand; ``format`` escapes what is put into them."""
    return SimpleNamespace(**{name: Markup(text) for name, text in words.items()})  # noqa: S704  # our own words


WORDS = catalogue(ZH)
