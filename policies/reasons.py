"""The sentences that tell a person why, and what to do."""

from __future__ import annotations

from policies.model import Reason

SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.FORBIDDEN: (
        "您的角色不允许这样做。需要的话请联系街道管理员。",
        "Your role forbids this. Ask your street's administrator if you need it.",
    ),
    Reason.NO_GRANT: (
        "您的角色没有这项权限。需要的话请联系街道管理员。",
        "Your role does not include this. Ask your street's administrator if you need it.",
    ),
    Reason.OUT_OF_SCOPE: (
        "不在您的管辖范围内。确有需要请联系居民所在的居委或街道。",
        "This is outside your area. If you need it, ask the committee or street where the resident lives.",
    ),
    Reason.PURPOSE_CLOSED: (
        "这个事由不能看这些内容，请换一个合适的事由。",
        "This purpose does not open these fields. Choose one that does.",
    ),
    Reason.QUOTA: (
        "今天查看的次数已用完，明天零点恢复。有急事请联系街道管理员。",
        "Today's quota is used up and returns at midnight. If it is urgent, ask your street's administrator.",
    ),
}
"""Reason -> (Chinese, English)."""
