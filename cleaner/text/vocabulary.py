"""Words that say what kind of line one has before one: function words, and the vocabulary of site furniture.

Single words in lower case, in about twenty languages. None of them gives a line away (that is what the wording rules
are for); they are counted, and the counts are line features. A language written without blanks joins in where a word of
the list stands alone between blanks or marks.
"""

from __future__ import annotations

from typing import Final

GROUPS: Final[dict[str, str]] = {
    "stop": """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
you were her all she there would their we him been has when who will more no if out so said what up its about
into than them can only other new some could time these two may then do my now such like our over me even most
after also did many must through years where much your way well down should because each just those how too good
very make still der die und den von zu das mit sich des auf für ist im dem nicht ein eine als auch es werden aus
er hat dass sie nach wird bei einer um am sind noch wie einem über einen zum war haben nur oder aber vor zur bis
mehr durch man sein wurde wenn können ihr seine ich wir le la les de du et un une est que qui dans pour sur au
aux par pas plus ne se ce il elle sont avec son sa ses ou mais comme nous vous ils cette ces tout leur être été
fait même si d l s n c qu j m el los las y en del por con una su para al lo como más o pero sus ya fue este ha
sí porque esta entre cuando muy sin sobre también hasta hay donde quien desde todo nos durante di che è e per
non da dei della gli nel alla come più anche ma sono questo delle os dos em uma com não mas ao ele foi na à são
pelo pela het een van dat niet te zijn op met voor maar om hij ze wij ook bij uit nog naar dan werd heeft kan
wordt i w z nie się że jest jak od po za ale dla przez przy tym czy są był była jego ten tej v je že jako jsou
pro ve jeho podle při už byl který která které och att det som på är av för med till har inte ett han men var
jag sig från vi så när и в не на что с по как это к из у за от о но для же то все был так его до вы бы мы она
они при или і що з як це та від але його або який яка які були він вона bir bu için ile çok olarak daha ama gibi
kadar olan sonra في من على أن إلى التي عن مع هذا كان الذي هذه لا ما بعد كما بين أو قد لم و در به از که این را با
است برای آن یک خود تا بر هم نیز شد می بود के में की है और को से का पर ने यह हैं कि एक नहीं भी कर था इस तो ही लिए
và của là có được cho không trong một những với các người này đã để khi yang dari untuk dengan ini itu dalam
tidak pada adalah akan ke juga oleh karena
""",
    "subscribe": """
subscribe subscriber subscribers subscription newsletter newsletters inbox email mail signup unsubscribe updates
alerts join abonnieren abonnement anmelden posteingang abonner abonnez inscrire inscrivez lettre suscríbete
suscribirse boletín correo suscripción iscriviti iscrizione abbonati assine inscreva receba boletim schrijf
nieuwsbrief inschrijven abonneer zapisz subskrybuj subskrypcja odběr přihlásit zpravodaj prenumerera nyhetsbrev
подписаться подпишитесь подписка рассылка підписатися підпишіться розсилка abone bülten اشترك النشرة بريدك عضویت
خبرنامه सदस्यता ईमेल 订阅 訂閱 邮箱 購読 メルマガ 登録 구독 뉴스레터 이메일 đăng ký berlangganan langganan
""",
    "social": """
share sharing shares tweet facebook twitter instagram linkedin pinterest whatsapp youtube tiktok reddit telegram
rss xing wechat weibo vkontakte vk ok tumblr flipboard mastodon threads bluesky messenger print follow followers
like likes pin teilen folgen drucken partager partagez suivez imprimer compartir comparte síguenos imprimir
condividi seguici stampa compartilhar compartilhe siga delen volg udostępnij obserwuj drukuj sdílet sledujte
tisk dela följ поделиться поделитесь поширити поділитися paylaş takip شارك مشاركة تابعنا اشتراک साझा शेयर 分享
微博 微信 朋友圈 關注 关注 シェア ツイート フォロー 공유 트위터 페이스북 chia sẻ bagikan ikuti
""",
    "comment": """
comment comments reply replies respond reviews discussion votes vote upvote report flag kommentar kommentare
kommentieren antworten antwort commentaire commentaires répondre réponses réagir comentario comentarios
responder respuestas comentar commento commenti rispondi comentário comentários resposta reactie reacties
reageer komentarz komentarze odpowiedz komentář komentáře odpovědět kommentarer svara комментарий комментарии
комментировать ответить коментар коментарі відповісти yorum yorumlar yanıtla cevapla تعليق تعليقات رد نظر پاسخ
دیدگاه टिप्पणी जवाब 评论 評論 回复 回覆 留言 コメント 返信 댓글 답글 luận komentar balas
""",
    "related": """
related recommended recommend recommendations popular trending latest recent next previous prev read reading
more also similar stories posts articles see continue explore discover view featured headlines most weitere
ähnliche beliebt beliebte meistgelesen neueste mehr weiterlesen lesen artikel thema themen vorheriger nächster
lire aussi suivant précédent similaires récents populaires article plus voir découvrez relacionados relacionadas
relacionado artículos anterior siguiente leer recientes noticias más últimas leggi anche correlati articoli
precedente successivo notizie leia também notícias mais próximo lees ook gerelateerde meer vorige volgende meest
gelezen czytaj także podobne więcej poprzedni następny zobacz čtěte také související další předchozí více läs
också mer relaterade nästa föregående senaste читайте также похожие далее ещё следующий предыдущий популярное
новости також схожі новини далі ilgili haberler önceki sonraki devamı oku اقرأ أيضا المزيد التالي السابق مطالب
مرتبط بیشتر और पढ़ें 相关 相關 推荐 推薦 上一篇 下一篇 更多 関連 関連記事 前の記事 次の記事 続きを読む 인기 관련
더보기 이전 다음 xem thêm liên quan baca juga terkait selanjutnya
""",
    "legal": """
copyright rights reserved privacy policy policies terms conditions cookie cookies disclaimer gdpr ccpa trademark
sitemap accessibility imprint impressum datenschutz datenschutzerklärung agb rechte vorbehalten
nutzungsbedingungen mentions légales confidentialité droits réservés cgu cgv aviso legal privacidad derechos
reservados términos condiciones informativa riservati diritti termini privacidade direitos todos termos
voorwaarden privacyverklaring rechten voorbehouden regulamin prywatności prawa zastrzeżone podmínky soukromí
práva vyhrazena integritetspolicy villkor upphovsrätt конфиденциальности права защищены условия соглашение
політика захищені gizlilik koşulları hakları saklıdır telif الخصوصية الحقوق محفوظة الشروط حریم حقوق محفوظ
गोपनीयता अधिकार 版权所有 版權所有 隐私 隱私 著作権 利用規約 プライバシーポリシー 저작권 개인정보 이용약관 quyền
bảo hak cipta kebijakan privasi
""",
    "navigation": """
home menu search contact about login log sign register account skip navigation help faq support careers jobs
advertise archive archives back top close open toggle main content site web website blog shop store cart events
forum press media team services products solutions resources company community settings language english deutsch
español français startseite suche suchen kontakt über anmelden registrieren hilfe konto zurück nach oben
schließen presse karriere accueil recherche rechercher connexion compte aide fermer contactez propos emploi
inicio buscar contacto acceder cuenta ayuda cerrar quiénes nosotros cerca accedi contatti chi siamo registrati
entrar busca contato conta ajuda sobre zoeken inloggen startpagina szukaj zaloguj strona główna hledat
přihlášení domů sök hem logga kontakta главная поиск войти контакты меню регистрация вход головна пошук увійти
anasayfa ara giriş iletişim hakkımızda الرئيسية بحث اتصل خانه جستجو تماس होम खोज संपर्क 首页 首頁 搜索 登录 登錄
注册 联系我们 ホーム 検索 ログイン お問い合わせ 홈 검색 로그인 trang chủ tìm beranda cari masuk
""",
    "author": """
author authors written writer editor editors contributor staff reporter journalist freelance founder published
posted updated modified edited reviewed byline bio biography profile columnist correspondent editorial ceo
expert consultant specialist autor autorin redaktion veröffentlicht aktualisiert geschrieben redakteur auteur
publié rédaction rédigé modifié journaliste publicado actualizado redacción periodista escrito autore pubblicato
redazione giornalista atualizado redação gepubliceerd redactie bijgewerkt opublikowano redakcja aktualizacja
publikováno redakce författare publicerad автор опубликовано редакция обновлено опубліковано yazar yayınlandı
güncelleme الكاتب نشر نویسنده انتشار लेखक प्रकाशित 作者 编辑 編輯 来源 來源 发布 責任編輯 著者 投稿日 更新日
公開日 기자 작성자 입력 수정 tác giả penulis
""",
    "media": """
photo photos photograph photographer image images picture credit credits courtesy getty shutterstock unsplash
istock pexels reuters afp ap dpa epa video videos gallery watch podcast listen audio caption screenshot
illustration via source foto fotos bild bilder quelle bildquelle crédit crédits vidéo imagen imágenes fuente
vídeo immagine fonte imagem beeld bron zdjęcie źródło zdroj obrázek källa фото источник джерело фотография
fotoğraf kaynak صورة المصدر عکس منبع फोटो 图片 圖片 图源 写真 画像 사진 출처 ảnh nguồn sumber
""",
    "commerce": """
buy price prices sale deal deals discount coupon shipping checkout free trial download app order add wishlist
amazon offer offers purchase product demo pricing get start started learn request quote click here now today try
book save affiliate commission commissions advertisement advertisements sponsored sponsor ad ads promoted
advertising partner partners kaufen preis warenkorb angebot angebote kostenlos bestellen anzeige werbung
provision acheter prix panier offre gratuit publicité comprar precio carrito oferta gratis publicidad anuncio
acquista prezzo offerta pubblicità carrinho preço publicidade kopen prijs winkelwagen advertentie kup cena
koszyk reklama koupit košík köp pris annons купить цена реклама корзина купити ціна satın fiyat reklam sepet
إعلان اشتري سعر تبلیغات خرید قیمت विज्ञापन 广告 廣告 购买 広告 購入 광고 구매 quảng cáo iklan beli harga
""",
    "topic": """
tags tag tagged category categories topics topic filed under keywords labels section sections contents
schlagwörter schlagworte kategorie kategorien stichworte rubrik inhaltsverzeichnis inhalt étiquettes catégorie
catégories thèmes sommaire etiquetas categorías categoría temas índice etichette categoria categorie argomenti
marcadores categorias assuntos trefwoorden onderwerpen tagi kategoria tematy štítky rubriky kategorier ämnen
taggar теги рубрики категории темы метки категорії etiketler kategori konular وسوم تصنيفات برچسب دسته टैग श्रेणी
标签 標籤 分类 分類 タグ カテゴリ 카테고리 태그 danh mục topik
""",
    "time": """
january february march april may june july august september october november december jan feb mar apr jun jul
aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
min mins minute minutes hour hours day days week weeks month months year ago yesterday am pm est utc gmt edt pst
januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
uhr minuten janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi
mercredi jeudi vendredi samedi dimanche enero febrero marzo abril mayo junio julio agosto septiembre octubre
noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro
março maio junho julho setembro outubro novembro dezembro januari februari maart mei augustus stycznia lutego
marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia ledna února března dubna
května června července srpna září října listopadu prosince января февраля марта апреля мая июня июля августа
сентября октября ноября декабря січня лютого березня квітня травня червня липня серпня вересня жовтня листопада
грудня ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık يناير فبراير مارس أبريل مايو
يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر दिन tháng ngày
""",
}  # fmt: skip
"""Words by group, separated by blanks."""
