"""What heads a part of an article, be it on every page of a site: what stands below it is the article's.

A list of sources and a list of other articles look alike, short lines that differ from page to page, and only the
words above them tell which is which.
"""

from __future__ import annotations

from typing import Final

from cleaner.text.fold import fold, line_key

_BY_LANGUAGE: Final = {
    "en": "acknowledgements; at a glance; bibliography; cast; citations; conclusion; cons; corrections; "
    "directions; facts; faq; final thoughts; footnotes; frequently asked questions; in brief; ingredients; "
    "instructions; key facts; key points; key takeaways; line-ups; lineups; method; notes; nutrition; "
    "nutrition facts; pros; references; results; sources; specifications; specs; standings; summary; "
    "takeaways; timeline; tips; tl;dr; tracklist; transcript; verdict; what you need; works cited",
    "de": "anmerkungen; auf einen blick; aufstellungen; einzelnachweise; fakten; fazit; fußnoten; häufige fragen; "
    "literatur; nährwerte; quellen; quellenverzeichnis; technische daten; tipps; zubereitung; "
    "zusammenfassung; zutaten",
    "fr": "bibliographie; compositions; en bref; fiche technique; ingrédients; notes; préparation; références; "
    "résumé; sources; étapes",
    "es": "alineaciones; bibliografía; conclusiones; conclusión; en resumen; ficha técnica; fuentes; ingredientes; "
    "notas; preguntas frecuentes; preparación; referencias; resumen",
    "it": "bibliografia; conclusioni; fonti; formazioni; in breve; ingredienti; note; preparazione; riferimenti; "
    "tabellino",
    "pt": "bibliografia; conclusão; em resumo; ficha técnica; fontes; ingredientes; modo de preparo; notas; "
    "perguntas frequentes; preparação; referências",
    "nl": "bereiding; bronnen; conclusie; in het kort; ingrediënten; noten; referenties; samenvatting; specificaties",
    "sv": "fakta; fotnoter; ingredienser; källförteckning; källor; noter; referenser; sammanfattning",
    "pl": "bibliografia; podsumowanie; przygotowanie; przypisy; składniki; składy; wnioski; źródła",
    "cs": "bibliografie; ingredience; literatura; postup; poznámky; shrnutí; složení; zdroje; závěr",
    "ru": "библиография; заключение; ингредиенты; источники; итоги; литература; приготовление; примечания; состав; "
    "список литературы",
    "uk": "висновки; джерела; література; приготування; примітки; склад; інгредієнти",
    "tr": "dipnotlar; kaynaklar; kaynakça; malzemeler; notlar; sonuç; yapılışı; özet",
    "id": "bahan; bahan-bahan; cara membuat; catatan; daftar pustaka; kesimpulan; referensi; sumber",
    "vi": "ghi chú; kết luận; nguyên liệu; nguồn; tài liệu tham khảo; tóm tắt",
    "ja": "まとめ; 作り方; 出典; 参考; 参考文献; 材料; 注; 注釈; 脚注; 要約",
    "zh": "参考; 参考文献; 参考资料; 參考文獻; 參考資料; 小结; 总结; 摘要; 材料; 来源; 注释; 結論; 结论; 資料來源; "
    "附录",
    "ko": "각주; 결론; 만드는 법; 요약; 재료; 정리; 참고; 참고 문헌; 참고문헌; 출처",
    "ar": "الخلاصة; المراجع; المصادر; المكونات; خاتمة; طريقة التحضير; مراجع; مصادر; ملاحظات",
    "fa": "جمع‌بندی; خلاصه; طرز تهیه; مراجع; منابع; مواد لازم; نتیجه‌گیری; پانویس; پی‌نوشت",
    "hi": "टिप्पणियाँ; निष्कर्ष; संदर्भ; सन्दर्भ; सामग्री; सारांश; स्रोत",
}

HEADINGS: Final = frozenset(line_key(fold(phrase)) for said in _BY_LANGUAGE.values() for phrase in said.split("; "))
"""As line keys."""
