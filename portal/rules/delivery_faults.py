"""Why an event did not reach the address it was pushed to, in words that a page can show in its language."""

from __future__ import annotations

from portal.rules.words import LabelledEnum


class DeliveryFault(LabelledEnum):
    """What kept a message from being answered (没有答复的原因)."""

    INSIDE = "inside", "这个地址不在公共互联网上。内部网络的地址要先由部署的人列入允许的名单。"
    UNKNOWN_HOST = "unknown_host", "找不到这个域名，请检查地址。"
    SILENT = "silent", "对方没有在规定的时间内答复。"
    REFUSED = "refused", "对方拒绝连接，请检查地址和端口，对方的服务可能没有启动。"
    TLS = "tls", "没有建立起加密连接，请检查对方的证书。"
    BROKEN = "broken", "连接中断，或者对方的答复不合HTTP的规则。"
    NOT_OPENED = "not_opened", "签名的密钥打不开，请停用这个地址，重新登记。"


#: what the log says (`webhooks`), by the words it is known by; the first that fits
_KNOWN_BY = (
    ("is not an address of the public internet", DeliveryFault.INSIDE),
    ("is not known", DeliveryFault.UNKNOWN_HOST),
    ("has no address", DeliveryFault.UNKNOWN_HOST),
    ("no answer within", DeliveryFault.SILENT),
    ("NotSealedByUs", DeliveryFault.NOT_OPENED),
    ("ConnectionRefusedError", DeliveryFault.REFUSED),
    ("SSL", DeliveryFault.TLS),
)


def sentence(logged: str) -> str:
    """The sentence, for the catalogue, to what the log says of a message that got no answer; "" for nothing.

    What a rule refused is a sentence already and stays as it is.
    """
    is_sentence = not logged.isascii() and ": " not in logged
    if not logged or is_sentence:
        return logged
    return next((fault.label for words, fault in _KNOWN_BY if words in logged), DeliveryFault.BROKEN.label)
