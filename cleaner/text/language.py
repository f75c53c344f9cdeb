"""Which languages a text is evidently not in, by the small words of which all sentences have some."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from cleaner.text.fold import fold
from cleaner.text.speed import compiled_module

native: Any = compiled_module("cleaner.text._language")

_WORDS: Final[dict[str, str]] = {
    "en": "the of and that with from this which are they have has their been were you it a an is to for by on at or be",
    "de": "der das und nicht ist ein eine einen den dem mit sich auf für wird wurde von zu im auch",
    "fr": "le les des et une dans pour qui est par sur au aux pas avec sont du il elle cette",
    "es": "el los las del y una con pero más por su fue es muy hay sin según cuando también este",
    "it": "il di che della delle dei gli nel nella sono è anche dal alla con per più non un lo",
    "pt": "não uma em do da dos das os ao pelo pela são foi com no na mais um à até",
    "nl": "het een van niet voor werd ook naar zijn wordt hij geen met op te dat aan bij ze er",
    "sv": "och att inte är för från när ett också hade som på av till med den det en har jag",
    "pl": "się jest oraz przez był była było który która które są nie na że jak ale dla już tylko od",
    "cs": "jsou byl byla bylo který která které při také ještě podle nebo než když jsem před se že je v",
    "tr": "bir ve için olarak olan daha gibi çok kadar sonra bu ile de da değil ne o her şey",
    "id": "yang dengan untuk tidak karena adalah pada dari dan di ini itu ke akan oleh juga sudah bisa",
    "vi": "của và là không được trong cho một những các với người đã này có khi để từ về ở",
    "ru": "и в на не что с по это как из он но за было был для от к его так они",
    "uk": "і в на не що з та це як до він але за було був для від й його у",
    "ar": "في من على إلى التي الذي هذا هذه كان كانت عن أن مع ما لا هو هي بعد قد",
    "fa": "در از به و که این را برای بود است با آن می شد تا هم یک خود کرد بر",
    "hi": "के में है की और से का को हैं पर ने नहीं यह कि था थी थे एक भी इस",
    # languages without a pack
    "da": "og ikke også blev jeg hun når efter ved hvor være af til som på der det er for med",
    "no": "og ikke også ble jeg hun når etter ved hvor være av til som på der det er for med",
    "is": "og ekki var það sem við hann hún eru til með fyrir að frá voru",
    "fi": "että oli hän mutta niin myös ovat sitä jotka kun joka siitä ja on ei se olla kuin",
    "et": "oli mis kui aga veel koos pole kes või ning kuid tema oma ja ei see on ka",
    "lv": "un ir bija kas no par ar uz bet kā tas līdz arī viņa nav",
    "lt": "ir yra kad buvo iš bus bet nuo jei kas apie tai į su kaip",
    "hu": "és egy hogy nem az volt csak még után szerint minden a is meg de van",
    "ro": "în sunt pentru fost iar nu din cu și mai care pe este au lui",
    "hr": "koji koja koje nije kao što šta jer ali bio bila još samo kad gdje gde sve je i u na su od",
    "sl": "ki tudi lahko bil bila še ali kot kaj smo pravi ker je in na se so za",
    "sk": "sa sú alebo ktorý ktorá ktoré bol bola bolo aj ako pri podľa už len na je v že",
    "ca": "els és més seva aquest fins això amb dels les i una del per al va que",
    "gl": "unha coa dunha nunha tamén máis cunha o a do da e os na polo foi pero ao",
    "eu": "eta da zen zuen zuten dute baina izan egin bere ez du ere hori",
    "sq": "dhe një të në është që për nuk ishte me nga se si më",
    "af": "die nie 'n hy jy hulle van het en is was met vir dat wat sy om te word baie",
    "ga": "agus bhí atá tá ach chuig gach leis an na ar ag sé sí",
    "cy": "yn yr ei oedd mae gan wedi y a o ar i'r o'r a'i",
    "ms": "yang dengan untuk tidak kerana ialah pada daripada dan di ini itu ke akan oleh juga telah boleh",
    "tl": "ang ng mga nang siya kung hindi sa na ay at ito",
    "sw": "kwa cha yake kila vya katika hii wote na ya wa ni la za",
    "eo": "kaj estas kiu ĉiu sed jam la de ne en li ŝi",
    "bg": "се е са че със ще беше като това още на и да от за не по",
    "sr": "је се да су на и у који која али као што није за од би",
    "mk": "се да на од и во што не со за ќе го беше тоа",
    "be": "і ў на не што з гэта як да ён але было быў для у",
    "kk": "және бұл үшін мен бір деп болды еді да де",
    "ur": "کے میں ہے کی اور سے کا کو ہیں پر نے نہیں یہ کہ تھا",
    "mr": "आहे आणि या हे ते नाही होते मध्ये आहेत तो ती होता",
    "bn": "এবং এই করে থেকে না ও একটি হয় তার জন্য ছিল যে",
    "el": "και το η να του της με που για την τον από δεν είναι στο ο",
    "he": "של את על לא הוא זה עם היא גם כי אל היה או",
}
"""Language -> words that its sentences have and those of few other languages. Close languages share many, and are then
not told from one another."""

_LETTERS: Final[dict[str, str]] = {
    "zh": "的一不是在了有我",
    "ja": "のはをにがでとた",
    "ko": "이의는에을로고도",
    "th": "านรกองมเ",
}
"""The same for scripts in which blanks do not part such words: letters, all of them beyond those of other scripts."""
_DENSE: Final = frozenset("".join(_LETTERS.values()))

_EVIDENT: Final = 4
"""Fewest different words of a language for a text to be taken to be in it."""
_MARGIN: Final = 5
"""A text is in no language of which it has at most one word for every so many of the one that it has most of."""
_READ: Final = 2_500
"""Code points of a text that are looked at: enough to tell, however long it goes on."""


_CODES: Final = (*_WORDS, *_LETTERS)


@cache
def _languages_of() -> dict[str, list[int]]:
    """Word or letter, folded -> the languages that have it, by their places in `_CODES`."""
    found: dict[str, list[int]] = {}
    for place, words in enumerate([*(words.split() for words in _WORDS.values()), *_LETTERS.values()]):
        for word in words:
            found.setdefault(fold(word), []).append(place)
    return found


@cache
def _small_words() -> Any:
    """All words, in the compiled loops."""
    return native.SmallWords(_languages_of(), _DENSE)


def _words_of_each(text: str) -> bytearray:
    """How many different small words, or letters, of each language a folded text has."""
    counts = bytearray(len(_CODES))
    if native is not None:
        _small_words().count(text, counts)
        return counts
    known = _languages_of()
    for word in (known.keys() & text.split()) | _DENSE.intersection(text):
        for place in known[word]:
            counts[place] += 1
    return counts


def not_written_in(text: str) -> frozenset[str]:
    """Codes of the languages known here that a text is evidently not in: it has several small words of another language
    and next to none of theirs. Empty where nothing is evident, as in a menu or a few words."""
    counts = _words_of_each(fold(text[:_READ]))
    most = max(counts)
    if most < _EVIDENT:
        return frozenset()
    return frozenset([language for language, count in zip(_CODES, counts, strict=True) if count * _MARGIN <= most])
