"""Words that tell what repeats in an article from what repeats round it, where nothing else does.

A list of sources and a list of other articles look alike, short lines that differ from page to page, and only the
words above them tell which is which. So do facts (`Material: oak`) and what a page says of itself (`Tags: oak`), and
only the words before the colon tell.
"""

from __future__ import annotations

from typing import Final

from cleaner.text.fold import fold, line_key

_HEADINGS: Final = {
    "en": "acknowledgements; at a glance; bibliography; cast; chapters; citations; conclusion; cons; corrections; "
    "directions; facts; faq; final thoughts; footnotes; frequently asked questions; guests; in brief; "
    "in this episode; ingredients; instructions; key facts; key points; key takeaways; line-ups; lineups; method; "
    "notes; nutrition; nutrition facts; pros; references; results; show notes; sources; specifications; specs; "
    "standings; summary; takeaways; timeline; timestamps; tips; tl;dr; tracklist; transcript; verdict; "
    "what you need; works cited",
    "de": "anmerkungen; auf einen blick; aufstellungen; einzelnachweise; fakten; fazit; fußnoten; häufige fragen; "
    "literatur; nährwerte; quellen; quellenverzeichnis; technische daten; tipps; zubereitung; zusammenfassung; "
    "zutaten",
    "fr": "bibliographie; compositions; en bref; fiche technique; ingrédients; notes; préparation; références; "
    "résumé; sources; étapes",
    "es": "alineaciones; bibliografía; conclusiones; conclusión; elaboración; en resumen; ficha técnica; fuentes; "
    "ingredientes; notas; preguntas frecuentes; preparación; referencias; resumen",
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

_LABELS: Final = {
    "en": "author; by ; categor; comments ; date ; edited; filed; followers ; guests ; hits ; image; keywords; "
    "labels ; last modified; last updated; likes ; members ; modified; permalink; photo; posted; published; "
    "read time; reading time; reported by; share ; shares ; tag; text ; topics ; updated; users ; views ; visitors ; "
    "visits ; words ; written",
    "de": "aktualisiert; autor; bild; datum ; erstellt; foto; geschrieben; kategorie; kommentare; lesezeit; "
    "schlagw; stichw; themen ; verfasst; veröffentlicht; von ; zuletzt",
    "fr": "auteur; catégorie; commentaires; date ; mis à jour; mots clés; mots-clés; par ; posté; publié; rédigé; "
    "rubrique; temps de lecture; thèmes ; étiquettes",
    "es": "actualizado; autor; categoría; comentarios; escrito; etiquetas; fecha ; foto; palabras clave; por ; "
    "publicado; temas ; tiempo de lectura; última actualización",
    "it": "aggiornato; argomenti ; autore; categori; commenti; data ; di ; etichette; foto; parole chiave; "
    "pubblicato; scritto; ultimo aggiornamento",
    "pt": "atualizado; autor; categoria; comentários; data ; escrito; etiquetas; foto; marcadores; palavras-chave; "
    "por ; postado; publicado; última atualização",
    "nl": "auteur; bijgewerkt; categorie; datum ; door ; foto; geplaatst; gepubliceerd; geschreven; laatst ; "
    "reacties; trefwoorden",
    "sv": "av ; datum ; etiketter; foto; författare; kategori; kommentarer; nyckelord; publicera; senast ; "
    "skriven; uppdatera",
    "pl": "aktualizacja; autor; data ; dodano; fot ; foto; kategori; komentarze; opublikowano; słowa kluczowe; "
    "tagi ; tematy ; zaktualizowano",
    "cs": "aktualizováno; autor; datum ; foto; kategorie; klíčová slova; komentáře; publikováno; rubrika; témata ; "
    "vydáno; vloženo; štítky",
    "ru": "автор; дата ; категори; ключевые слова; комментар; метки ; обновлено; опубликовано; просмотр; рубрик; "
    "теги ; темы ; фото",
    "uk": "автор; дата ; категорі; ключові слова; коментар; мітки ; оновлено; опубліковано; перегляд; рубрик; "
    "теги ; теми ; фото",
    "tr": "etiket; güncelleme; kategori; son güncelleme; tarih ; yayın; yazan; yazar; yorumlar",
    "id": "diperbarui; dipublikasikan; diterbitkan; foto; kategori; komentar; oleh ; penulis; tanggal ",
    "vi": "bình luận; chuyên mục; cập nhật; danh mục; ngày đăng; thẻ ; tác giả; từ khóa; ảnh ",
    "ja": "カテゴリ; キーワード; コメント; タグ; 公開; 写真; 執筆; 投稿; 掲載; 日付; 更新; 最終更新; 著者; 記者",
    "zh": "作者; 关键词; 分类; 分類; 发布; 发表; 图片; 文章; 日期; 更新; 本文; 标签; 標籤; 浏览; 版权; 發佈; 發布; "
    "發表; 编辑; 評論; 评论; 責任編輯; 責編; 责任编辑; 責任编辑; 阅读; 關鍵字",
    "ko": "글쓴이; 기자; 날짜; 댓글; 등록; 분류; 사진; 수정; 승인; 업데이트; 입력; 작성; 카테고리; 키워드; 태그",
    "ar": "آخر تحديث; التاريخ; الكاتب; الكلمات المفتاحية; الوسوم; بقلم; تاريخ النشر; تصنيف; كتب; نشر; وسوم",
    "fa": "برچسب; تاریخ; دسته; عکس; منتشر; نویسنده; کد خبر; کلمات کلیدی; کلیدواژه",
    "hi": "अपडेट; टैग; द्वारा ; प्रकाशित; लेखक; श्रेणी",
}

HEADINGS: Final = frozenset(line_key(fold(phrase)) for said in _HEADINGS.values() for phrase in said.split("; "))
"""What heads a part of an article, be it on every page of a site, as line keys: what stands below is the article's."""

LABELS: Final = tuple(sorted({fold(phrase) for said in _LABELS.values() for phrase in said.split("; ")}))
"""How the labels begin with which a page says who wrote it, when, and where it is filed. Whole words end in a blank."""
