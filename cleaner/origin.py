"""Where a document comes from: the host of its URL, its site, and the code of its language."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_HOST: Final = re.compile(r"(?:(?:[^/?#]*:)?//)?(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:]*)")

_NAME: Final = re.compile(r"[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]")

_CODES: Final = """
    aa:aar ab:abk ae:ave af:afr ak:aka,fat am:amh an:arg ar:ara,arb as:asm av:ava ay:aym,ayr az:aze,azj ba:bak
    be:bel bg:bul bi:bis bm:bam bn:ben bo:bod,tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre,cwd cs:ces,cze
    cu:chu cv:chv cy:cym,wel da:dan de:deu,ger dv:div dz:dzo ee:ewe el:ell,gre en:eng eo:epo es:spa et:ekk,est
    eu:baq,eus fa:fas,per,pes ff:fuc,ful fi:fin fj:fij fo:fao fr:fra,fre fy:fry ga:gle gd:gla gl:glg gn:grn,gug
    gu:guj gv:glv ha:hau he:heb,iw hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:arm,hye hz:her ia:ina id:in,ind ie:ile
    ig:ibo ii:iii ik:esk,ipk io:ido is:ice,isl it:ita iu:ike,iku ja:jpn jv:jav,jw ka:geo,kat kg:kng,kon ki:kik
    kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau,knc ks:kas ku:kmr,kur kv:kom,kpv kw:cor ky:kir la:lat lb:ltz
    lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav,lvs mg:mlg,plt mh:mah mi:mao,mri mk:mac,mkd ml:mal mn:khk,mon
    mr:mar ms:may,msa,zsm mt:mlt my:bur,mya na:nau nd:nde ne:nep,npi ng:ndo nl:dut,nld no:nb,nn,nno,nob,nor nr:nbl
    nv:nav ny:nya oc:oci oj:ojg,oji om:gaz,orm or:ori,ory os:oss pa:pan pi:pli pl:pol ps:pbu,pus pt:por qu:que,quz
    rm:roh rn:run ro:mo,mol,ron,rum ru:rus rw:kin sa:san sc:src,srd sd:snd se:sme sg:sag sh:hbs si:sin sk:slk,slo
    sl:slv sm:smo sn:sna so:som sq:alb,als,sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa,swh ta:tam te:tel tg:tgk
    th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb,uzn
    ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:ji,ydd,yid yo:yor za:zha,zyb zh:chi,cmn,zho zu:zul
"""
"""ISO 639-1, and the codes of ISO 639-2 and 639-3 for the same language, also as one of a group is its usual form
(``cmn``, ``arb``, ``nb``) or another one of its written forms (``nn``), or has a code that was withdrawn (``iw``,
``in``), as data sets, pages and web archives name them; from the tables of ISO 639 and CLDR."""

_SHORT: Final = {
    long: short for short, _, longs in (entry.partition(":") for entry in _CODES.split()) for long in longs.split(",")
}


def host_of(url: str | None) -> str:
    """The host of a URL in lower case and ASCII (``xn--…``), without a trailing dot; empty if it has none. The scheme
    may be missing."""
    found = _HOST.match(url or "")
    return in_ascii(found[1].lower().rstrip(".")) if found else ""


@lru_cache(maxsize=1_000)
def in_ascii(host: str) -> str:
    """The host as name servers know it (IDNA, RFC 3490); as it is, if it cannot be a host's name."""
    if host.isascii():
        return host
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
    return name if is_host(name) else host


def is_host(name: str) -> bool:
    """Whether a name can be that of a host, in lower case."""
    return _NAME.fullmatch(name) is not None


def can_be_named(host: str) -> bool:
    """Whether a rule file can name a host: as UTF-8, and so that it is read as this host again, where ``!`` excludes a
    host and a dot or asterisk before one means nothing."""
    in_file = host.encode(errors="ignore").decode()  # without halves of characters
    return bool(host.strip()) and not host.startswith(("!", ".", "*")) and host_of(in_file) == host


def site_of(url: str | None) -> str:
    """The site of a URL: its host without ``www.``; empty if it has none, or one that no rule file can name."""
    site = host_of(url).removeprefix("www.")
    return site if can_be_named(site) else ""


_CODE: Final = re.compile(r"[a-z]{2,3}")
_NO_LANGUAGE: Final = {"und", "mul", "zxx", "mis"}
"""Codes of ISO 639 for texts of an unknown language, of several, of none, and of one without a code."""


@lru_cache(maxsize=1_000)
def language_of(tag: str | None) -> str:
    """The language that a tag names, without script and region, by its shortest code: ``de`` for ``de-AT``, ``de_DE``,
    ``deu`` and ``ger``; empty if it names no single one, as ``und`` and what is no code."""
    code = (tag or "").strip().lower().replace("_", "-").split("-")[0]
    return _SHORT.get(code, code) if _CODE.fullmatch(code) and code not in _NO_LANGUAGE else ""
