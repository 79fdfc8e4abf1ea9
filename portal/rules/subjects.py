"""The subjects of government information (主题分类): 22 of the first level, fixed by the State Council's catalogue."""

from __future__ import annotations

import re

SUBJECTS = (
    "国务院组织机构",
    "综合政务",
    "国民经济管理、国有资产监管",
    "财政、金融、审计",
    "国土资源、能源",
    "农业、林业、水利",
    "工业、交通",
    "商贸、海关、旅游",
    "市场监管、安全生产监管",
    "城乡建设、环境保护",
    "科技、教育",
    "文化、广电、新闻出版",
    "卫生、体育",
    "人口与计划生育、妇女儿童工作",
    "劳动、人事、监察",
    "公安、安全、司法",
    "民政、扶贫、救灾",
    "民族、宗教",
    "对外事务",
    "港澳台侨工作",
    "国防",
    "其他",
)


def first_level(subject: str) -> str:
    """The subject of the first level in 综合政务\\政务公开 or 综合政务-文秘工作; empty when it is none of the 22."""
    first = re.split(r"[\\/－-]", subject, maxsplit=1)[0].strip()
    return first if first in SUBJECTS else ""
