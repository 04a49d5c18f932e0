"""The sentences of the API, Chinese first."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

Sentence = tuple[str, str]
"""(Chinese, English)."""


class Language(IntEnum):
    """The place of a language in a :data:`Sentence`."""

    ZH = 0
    EN = 1


def language_of(request: web.Request) -> Language:
    """Return English when it is preferred to Chinese (RFC 9110 section 12.5.4), else Chinese."""
    best = {"en": 0.0, "zh": 0.0}
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.partition("-")[0]
        if primary in best:
            best[primary] = max(best[primary], _weight(weight))
    return Language.EN if best["en"] > best["zh"] else Language.ZH


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


PROBLEMS: dict[str, tuple[int, Sentence, Sentence]] = {
    "account_locked": (
        423,
        ("账号暂时锁定", "Account locked for a while"),
        ("密码输错次数太多，请稍后再试。", "Too many wrong passwords. Try again later."),
    ),
    "busy": (503, ("系统繁忙", "Busy"), ("请稍等几秒再试。", "Wait a few seconds and try again.")),
    "cross_site": (
        403,
        ("请求来源不对", "Request from elsewhere"),
        (
            "请从云平台自己的页面操作，并带上 X-CSRF-Token。",
            "Send the request from the gateway's own pages, with the header X-CSRF-Token.",
        ),
    ),
    "denied": (403, ("没有权限", "Not allowed"), ("", "")),
    "internal": (
        500,
        ("系统出错了", "Something broke"),
        (
            "没有泄露任何信息。请把 request_id 告诉管理员。",
            "Nothing was disclosed. Tell the administrator the request_id.",
        ),
    ),
    "invalid_input": (
        422,
        ("填写有误", "Input not valid"),
        ("请按 errors 里的提示改正后再发。", "Correct what errors lists and send it again."),
    ),
    "malformed": (
        400,
        ("请求格式不对", "Malformed request"),
        ("正文应是 UTF-8 的 JSON 对象。", "The body must be a JSON object in UTF-8."),
    ),
    "method_not_allowed": (
        405,
        ("方法不对", "Method not allowed"),
        ("请看 Allow 头里列出的方法。", "The header Allow lists the methods."),
    ),
    "not_found": (404, ("没有这个地址", "Nothing here"), ("请核对地址。", "Check the address.")),
    "not_found_in_scope": (
        404,
        ("管辖范围内查无此人", "Nobody in your area"),
        (
            "请核对证件号码。这里只能查到您管辖范围内的居民。",
            "Check the number. Only residents of your own area are found.",
        ),
    ),
    "not_signed_in": (
        401,
        ("请先登录", "Sign in first"),
        ("登录已过期或还没有登录。", "There is no session, or it is over."),
    ),
    "not_verified": (
        401,
        ("签名不对", "Not verified"),
        (
            "请核对密钥、时间和消息编号；同一条消息只收一次。",
            "Check the key, the clock and the message's id; a message is taken once.",
        ),
    ),
    "quota": (429, ("今天的次数已用完", "Quota used up"), ("", "")),
    "source_unavailable": (
        503,
        ("人口信息暂时查不到", "Base register does not answer"),
        (
            "人口系统没有回应，暂时无法核对管辖范围，请稍后再试。",
            "Without it nobody can be located. Try again soon.",
        ),
    ),
    "store_unavailable": (
        503,
        ("暂时不能查看", "Not available now"),
        (
            "留痕存储没有回应，为安全起见不显示任何信息，请稍后再试。",
            "Looks cannot be recorded now, so nothing is shown. Try again soon.",
        ),
    ),
    "timeout": (
        408,
        ("发送太慢", "Too slow"),
        ("没有等到完整的请求。", "The request did not arrive in time."),
    ),
    "too_large": (413, ("内容太大", "Too large"), ("正文最多 64 KiB。", "A body may have 64 KiB at most.")),
    "unsupported_media_type": (
        415,
        ("类型不对", "Unsupported media type"),
        ("请用 Content-Type: application/json。", "Use Content-Type: application/json."),
    ),
    "wrong_password": (
        401,
        ("用户名或密码不对", "Wrong user name or password"),
        ("请核对后再试。忘了密码请找管理员。", "Check both and try again, or ask the administrator."),
    ),
}
"""code -> (status, title, detail); an empty detail is filled with the reason of the decision."""

FIELD_FAULTS: dict[str, Sentence] = {
    "action": ("没有这种留痕，如 resident:read。", "No such action; e.g. resident:read."),
    "extra_forbidden": ("没有这一项，请去掉。", "There is no such field; leave it out."),
    "missing": ("必填。", "This field is required."),
    "purpose": ("没有这个事由。", "There is no such purpose."),
    "note": ("这个事由要写明情况（不超过 500 字）。", "This purpose needs a note (500 characters at most)."),
    "id_number": (
        "证件号码不对：应是 18 位或 15 位身份证号，或护照号。",
        "Not a citizen number of 18 or 15 digits, nor a passport number.",
    ),
    "reveal": ("没有这一项，或它本来就不遮盖。", "No such field, or it is never masked."),
    "cursor": ("翻页标记不对，请从第一页开始。", "Not a cursor of ours; start at the first page."),
    "time": ("时间格式应如 2026-11-21T08:00:00+08:00。", "Write times like 2026-11-21T08:00:00+08:00."),
    "change_of": (
        "写明居民、居委，或者 everything: true。",
        "Name people or committees, or say everything: true; not both.",
    ),
    "changed_person": ("证件号码和系统内编号写一项。", "Give id_number or local_id, one of them."),
    "purge_of": (
        "居民、证件号码、居委只能写一项；都不写就写系统。",
        "Name a resident, a document number or a committee, one of them, or else a system.",
    ),
    "resident": ("没有这个居民标记。", "Not a resident's token."),
    "system": ("没有这个系统。", "No such system."),
    "string_too_long": ("太长了。", "Too long."),
    "string_too_short": ("太短了。", "Too short."),
    "too_long": ("太多了。", "Too many."),
    "too_short": ("太少了。", "Too few."),
}
"""Kind of fault in one field -> what to do; pydantic's own names and ours."""

OTHER_FAULT: Sentence = ("内容不对，请看接口说明。", "Not valid; see the API description.")

ADVICE: dict[str, Sentence] = {
    "busy": (
        "现在问的人太多，或者今天的查询次数用完了，请稍后再看。",
        "Too many are asking now, or today's calls are used up; look again later.",
    ),
    "captcha": (
        "对方要人工输入验证码。请账号本人在浏览器里登录一次，之后会自动恢复。",
        "The system asks for a captcha. The account's owner signs in once in a browser; then it recovers.",
    ),
    "in_use_elsewhere": (
        "这个账号正在别处登录，我们已让出来。请在别处退出，十分钟后会自动再连。",
        "The account is signed in elsewhere, so we stay out. Sign out there; we try again in ten minutes.",
    ),
    "maintenance": (
        "对方正在维护，结束后自动恢复。",
        "The system is in maintenance and comes back when it ends.",
    ),
    "needs_attention": (
        "对方不认这个密码，我们不会再试，免得账号被锁。请改好密码后交系统管理员更新。",
        "The password was refused and is not tried again. Change it and have the administrator store it.",
    ),
    "no_account": (
        "这里没有存可用的账号，请找系统管理员录入。",
        "There is no usable account stored; ask the administrator to store one.",
    ),
}
"""Why a system is not asked -> what the person can do."""
