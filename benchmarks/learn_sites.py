"""Made-up sites, each with one trap for whoever learns what repeats. All names and texts are invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from cleaner import Cleaner, Document

MENU = ["Home", "News", "Sports", "Culture", "Opinion", "Local", "Weather", "Contact us", "Subscribe"]
FOOT = ["About us", "Advertise", "Privacy policy", "Terms of use", "Jobs", "RSS", "Copyright 2012-2024 Valley Ledger."]
NAMES = ["Ada Mill", "Tom Reed", "Lena Koss", "Ivo Barr", "Sue Pratt", "Max Oller", "Jo Finn", "Kim Dale", "Ravi Sen"]
MONTHS = "January February March April May June July August September October November December".split()
NOUNS = "bridge council harbour orchard museum engine river teacher market signal garden archive valley tower".split()
VERBS = "changed carried opened measured crossed repaired described forgot painted counted followed gathered".split()
PLACES = "Oakford Lindham Marrow Teal Quay Upper Sand Brindle Northgate Ashby Felton Corran Westmere Dunlow".split()

Labelled = list[tuple[str, bool]]
"""Lines, and whether they are the article's."""


@dataclass(frozen=True, slots=True)
class MadePage:
    """A document and its lines with their labels."""

    document: Document
    lines: Labelled


def chrome(*lines: str) -> Labelled:
    return [(line, False) for line in lines]


def content(*lines: str) -> Labelled:
    return [(line, True) for line in lines]


def sentence(r: Random) -> str:
    parts = (r.choice(NOUNS), r.choice(VERBS), r.choice(NOUNS), r.choice(PLACES), r.randint(2, 900), r.choice(NOUNS))
    return "The {} near the mill {} every {} in {}, and {} people saw the {} again.".format(*parts)


def paragraph(r: Random) -> str:
    return " ".join(sentence(r) for _ in range(r.randint(1, 5)))


def title(r: Random) -> str:
    return f"How the {r.choice(NOUNS)} {r.choice(VERBS)} {r.choice(PLACES)} and a {r.choice(NOUNS)} {r.randint(1, 99)}"


def date(r: Random) -> str:
    return f"{r.choice(MONTHS)} {r.randint(1, 28)}, {r.randint(2012, 2024)}"


def body(r: Random) -> list[str]:
    return [paragraph(r) for _ in range(r.randint(4, 9))]


def head(r: Random, name: str) -> Labelled:
    return chrome(*MENU) + content(name) + chrome(f"By {r.choice(NAMES)}", date(r))


def tail(r: Random) -> Labelled:
    related = [line for _ in range(4) for line in (title(r), date(r))]
    return chrome("Share this story", "Facebook", "Twitter", "Related stories", *related, *FOOT)


def comments(r: Random, count: int) -> list[str]:
    lines = []
    for _ in range(count):
        lines += [
            f"{r.choice(NAMES)}{r.randint(1, 99)} says:",
            f"{date(r)} at {r.randint(1, 12)}:{r.randint(10, 59)} pm",
        ]
        lines += [paragraph(r) for _ in range(r.randint(1, 3))] + ["Reply"]
    return lines


Site = Callable[[Random, str], Labelled]
SITES: dict[str, Site] = {}


def site(make: Site) -> Site:
    SITES[make.__name__] = make
    return make


@site
def plain(r: Random, name: str) -> Labelled:
    return head(r, name) + content(*body(r)) + tail(r)


@site
def recipe(r: Random, name: str) -> Labelled:
    """Headings on every page, in the article, with lists and numbered steps below."""
    list_ = [f"{r.randint(1, 9)} cups of {r.choice(NOUNS)} {r.choice(NOUNS)}" for _ in range(r.randint(4, 9))]
    steps = [line for k in range(1, 5) for line in (f"Step {k}", paragraph(r))]
    return head(r, name) + content(*body(r), "Ingredients", *list_, "Instructions", *steps) + tail(r)


@site
def cookbook(r: Random, name: str) -> Labelled:
    """A list of the article's own right below the head, whose lines differ by their numbers from page to page."""
    list_ = [f"{r.randint(2, 90) * 5} g {noun}" for noun in r.sample(NOUNS, r.randint(7, 11))]
    return head(r, name) + content(*list_, "Method", *body(r)) + tail(r)


@site
def box(r: Random, name: str) -> Labelled:
    """A newsletter box somewhere within the article."""
    text = body(r)
    at = r.randint(1, len(text) - 1)
    mail = ["Stay informed", "Get the best of the valley in your inbox every Friday.", "Your email address", "Sign up"]
    return head(r, name) + content(*text[:at]) + chrome(*mail) + content(*text[at:]) + tail(r)


@site
def discussed(r: Random, name: str) -> Labelled:
    """Comments on every page, longer than the article."""
    form = chrome("Leave a reply", "Your email address will not be published.", "Website", *FOOT)
    thread = chrome(f"{r.randint(5, 30)} comments", *comments(r, r.randint(5, 12)))
    return head(r, name) + content(*body(r)) + chrome("Filed under: News, Local") + thread + form


@site
def series(r: Random, name: str) -> Labelled:
    """The same introduction on most pages."""
    intro = ["This article is part of our series on rivers and the people who live beside them."]
    return head(r, name) + content(*(intro if r.random() < 0.7 else []), *body(r)) + tail(r)


@site
def refrain(r: Random, name: str) -> Labelled:
    """The same last words on most pages."""
    last = ["Until next time,", "Happy trails!"] if r.random() < 0.7 else []
    return head(r, name) + content(*body(r), *last) + tail(r)


@site
def code(r: Random, name: str) -> Labelled:
    """The same lines of code on most pages."""
    lines = [
        "import numpy as np",
        "import pandas as pd",
        'table = pd.read_csv("data.csv")',
        f"table[{r.randint(1, 9)}]",
    ]
    return head(r, name) + content(*body(r), *(lines if r.random() < 0.8 else []), "Output:", *body(r)) + tail(r)


@site
def table(r: Random, name: str) -> Labelled:
    """A table with the same head on every page, at the end of the article."""
    rows = [cell for _ in range(8) for cell in (r.choice(NAMES), str(r.randint(1, 40)), str(r.randint(1, 12)))]
    return head(r, name) + content(*body(r), "Box score", "Player", "Points", "Rebounds", *rows) + tail(r)


@site
def timeline(r: Random, name: str) -> Labelled:
    """Dated entries that are the article's, below a heading on every page."""
    entries = [line for _ in range(r.randint(3, 8)) for line in (date(r), paragraph(r))]
    return head(r, name) + content(*body(r), "Timeline", *entries) + tail(r)


@site
def redesigned(r: Random, name: str) -> Labelled:
    """Two templates that have nothing in common."""
    if r.random() < 0.65:
        return plain(r, name)
    top = chrome("Ledger", "Front page", "Town", "Region", "Log in", f"{date(r)} | {r.choice(NAMES)}") + content(name)
    bottom = chrome("Tweet", "Like", "Most read", *(title(r) for _ in range(3)), "Imprint", "Data protection")
    return top + content(*body(r)) + bottom


@site
def bars(r: Random, name: str) -> Labelled:
    """Share bars above and below, and words of the menu again among the topics."""
    bar = chrome("Facebook", "Pinterest", "Email")
    below = chrome(f"{r.randint(1, 400)} shares", "Topics", *r.sample(MENU, 3), *FOOT)
    return head(r, name) + bar + content(*body(r)) + bar + below


@site
def sections(r: Random, name: str) -> Labelled:
    """Three templates that have the menu and the foot in common."""
    byline = f"By {r.choice(NAMES)}"
    menu, above, below = r.choice(
        [
            ([], [byline, date(r), "Share this story"], "More in Town"),
            (["Kitchen", "Print recipe"], [f"{r.randint(5, 90)} minutes"], "Rate this recipe"),
            (["Live scores", "Fixtures"], [f"Match report, {r.choice(NAMES)}"], "Next matches"),
        ]
    )
    top = chrome(*MENU, *menu) + content(name) + chrome(*above)
    return top + content(*body(r)) + chrome(below, *(title(r) for _ in range(4)), *FOOT)


@site
def reviews(r: Random, name: str) -> Labelled:
    """All headlines begin alike, and have the form of a label."""
    above, below = chrome(*MENU), chrome(f"By {r.choice(NAMES)}", date(r), "Share", "Print")
    return above + content(f"Review {r.randint(1, 999)}: {name}") + below + content(*body(r)) + tail(r)


@site
def almanac(r: Random, name: str) -> Labelled:
    """Words of the menu and of the foot are headings within some articles, or stand at their end."""
    parts = [line for text in body(r) for line in (text, *([r.choice([*MENU, *FOOT])] if r.random() < 0.1 else []))]
    return head(r, name) + content(*parts) + tail(r)


@site
def gallery(r: Random, name: str) -> Labelled:
    """Some pages have hardly any text, and more in the titles of others than in their captions."""
    captions = [f"The {r.choice(NOUNS)} of {r.choice(PLACES)}", r.choice(NAMES)]
    others = [" ".join(r.sample([*NOUNS, *VERBS, *PLACES], 6)) for _ in range(5)]
    text = body(r) if r.random() < 0.85 else captions
    return head(r, name) + content(*text) + chrome("Share", "You may also like", *others, *FOOT)


@site
def staff(r: Random, name: str) -> Labelled:
    """One author and one topic have nearly half of all pages."""
    author = NAMES[0] if r.random() < 0.45 else r.choice(NAMES[1:])
    topic = "News" if r.random() < 0.45 else f"{r.choice(NOUNS)} in {r.choice(PLACES)}"
    top = chrome(*MENU) + content(name) + chrome(f"Written by {author}")
    return top + content(*body(r)) + chrome(f"Filed under: {topic}", *FOOT)


@site
def sources(r: Random, name: str) -> Labelled:
    """Short lines of the article's own at its end, as titles of other articles are, below a heading on every page."""
    cited = [f"{r.choice(NAMES)}, {' '.join(r.sample(NOUNS, 3))}, {r.choice(PLACES)}" for _ in range(r.randint(2, 5))]
    return head(r, name) + content(*body(r), "Sources", *cited) + tail(r)


@site
def quiz(r: Random, name: str) -> Labelled:
    """Questions that begin alike, the first one right below the headline, and answers that many pages have."""
    asked = [f"Quiz: which {r.choice(NOUNS)} is in {r.choice(PLACES)}?" for _ in range(5)]
    answered = [line for question in asked for line in (question, r.choice(NOUNS), r.choice(NOUNS))]
    return chrome(*MENU) + content(name, *answered, *body(r)[:1], *r.sample(NOUNS, 3)) + tail(r)


@site
def kinds(r: Random, name: str) -> Labelled:
    """Articles of three kinds on pages of one template; what each kind says stands in one place of its articles."""
    start, end = r.choice(
        [
            (["import numpy as np", "import pandas as pd", 'table = pd.read_csv("data.csv")'], []),
            ([], ["At a glance", "Mayor", r.choice(NAMES), "Population", str(r.randint(900, 9000))]),
            (
                ["This article is part of our series on rivers and their people."],
                ["Next week we follow one to the sea."],
            ),
        ]
    )
    return head(r, name) + content(*start, *body(r), *end) + tail(r)


@site
def facts(r: Random, name: str) -> Labelled:
    """Facts about its subject at one end of the article, each with its label."""
    said = [f"Maker: {r.choice(NAMES)}", f"Year: {r.randint(1500, 1950)}", f"Material: {r.choice(NOUNS)}"]
    parts = [said, body(r)] if r.random() < 0.4 else [body(r), said]
    tags = chrome(f"Tags: {r.choice(NOUNS)}, {r.choice(PLACES)}")
    return head(r, name) + content(*parts[0], *parts[1]) + tail(r) + tags


@site
def entitled(r: Random, name: str) -> Labelled:
    """The same, with the label on a line of its own."""
    said = {"Maker": r.choice(NAMES), "Date": str(r.randint(1500, 1950)), "Size": f"{r.randint(5, 90)} x 20 cm"}
    return head(r, name) + content(*body(r), *(line for fact in said.items() for line in fact)) + tail(r)


@site
def cited(r: Random, name: str) -> Labelled:
    """Works below a heading that no list of headings has, and tables of facts below another."""
    works = [
        f"{r.choice(NAMES)}, {' '.join(r.sample(NOUNS, 3))}, {r.randint(1950, 2020)}" for _ in range(r.randint(2, 4))
    ]
    known = [f"Owner: {r.choice(NAMES)}", f"Built: {r.randint(1700, 1950)}", f"Roof: {r.choice(NOUNS)}"]
    return head(r, name) + content(*body(r), "The house", *known, "More to learn", *works) + tail(r)


@site
def dishes(r: Random, name: str) -> Labelled:
    """Ingredients that other pages have as well, between a line that all have and comments that say more."""
    list_ = [f"{r.choice([1, 2, 200])} {noun}" for noun in r.sample(NOUNS, 6)]
    steps = [f"Stir the {r.choice(NOUNS)}." for _ in range(4)]
    notes = ["Notes", sentence(r)] if r.random() < 0.7 else []
    text = content(*body(r)) + chrome("Print", "Pin", "Rate") + content("Ingredients", *list_, "Instructions", *steps)
    thread = chrome("Reader comments", *comments(r, r.randint(0, 4)), "Leave a reply", *FOOT)
    return head(r, name) + text + content(*notes) + thread


@site
def farewell(r: Random, name: str) -> Labelled:
    """The same last words on most pages, above topics that differ."""
    last = ["Thanks for reading!"] if r.random() < 0.75 else []
    topics = chrome(*r.sample(PLACES, r.randint(1, 3)))
    return chrome(*MENU) + content(name, *body(r), *last) + topics + chrome("Share this story", *FOOT)


@site
def kitchen(r: Random, name: str) -> Labelled:
    """A list and short sentences, each below a heading that no list of headings has, at the end of the article."""
    list_ = [f"{r.randint(2, 90) * 5} g {noun}" for noun in r.sample(NOUNS, 5)]
    steps = [f"{r.choice(PLACES)} {' '.join(r.sample(NOUNS, r.randint(2, 4)))}." for _ in range(4)]
    return head(r, name) + content(*body(r), "What goes in", *list_, "How to", *steps) + tail(r)


@site
def standings(r: Random, name: str) -> Labelled:
    """A small table at the end of the article, a row on each line."""
    rows = [f"{r.choice(NAMES)} {r.randint(1, 30)} {r.randint(1, 30)} {r.randint(1, 90)}" for _ in range(5)]
    return head(r, name) + content(*body(r), "After this round", *rows) + tail(r)


@site
def talks(r: Random, name: str) -> Labelled:
    """Facts with a dash behind the label, addresses, and a counter of visitors that looks like facts."""
    said = [f"Speaker - {r.choice(NAMES)}", f"Hall - {r.choice(PLACES)}", f"Seats - {r.randint(20, 90)}"]
    read = [f"https://{r.choice(NOUNS)}.example/{r.choice(PLACES)}/{r.randint(1, 99)}" for _ in range(3)]
    counter = chrome("Statistics", f"Visitors: {r.randint(100, 9999)}", f"Guests: {r.randint(1, 50)}")
    return head(r, name) + content(*body(r), *said, "Look here", *read) + tail(r) + counter


def made_page(name: str, number: int) -> MadePage:
    """The page of a site with this number: the same each time."""
    r = Random(f"{name}/{number}")
    head_line = title(r)
    lines = SITES[name](r, head_line)
    text = "\n".join(line for line, _ in lines)
    return MadePage(Document(text, f"{number:05}", f"https://{name}.example/{number}", "en", head_line), lines)


def made_pages(name: str, count: int) -> list[MadePage]:
    return [made_page(name, number) for number in range(count)]


def taken(pages: Iterable[MadePage], cleaner: Cleaner) -> tuple[float, list[str]]:
    """The share of the chrome's characters that a cleaner removes, and the lines of content that it does."""
    size = gone = 0
    lost = []
    for page in pages:
        left = Counter(cleaner.clean_document(page.document).text.split("\n"))
        for line, is_content in sorted(page.lines, key=lambda item: not item[1]):
            stays = left[line] > 0
            left[line] -= stays
            if is_content and not stays:
                lost.append(line)
            if not is_content:
                size += len(line)
                gone += len(line) * (not stays)
    return gone / size, lost


def dump(count: int, sites: int) -> Iterator[Document]:
    """Documents of many sites, the first ones with the most, as fast as strings can be put together."""
    r = Random(1)
    starts, middles, ends = ([paragraph(r) for _ in range(400)] for _ in range(3))
    titles = [title(r) for _ in range(4000)]
    menus = ["\n".join(f"{word} {k}" for word in MENU) for k in range(sites)]
    weights = [1 / (k + 1) ** 0.7 for k in range(sites)]
    for number, k in enumerate(r.choices(range(sites), weights, k=count)):
        own = "\n".join(f"{r.choice(starts)} {r.choice(middles)} {r.choice(ends)}" for _ in range(4))
        name = r.choice(titles)
        text = (
            f"{menus[k]}\n{name}\nBy {NAMES[number % 9]}\n{own}\nShare this story\n{r.choice(titles)}\nAbout site {k}"
        )
        yield Document(text, str(number), f"https://site{k}.example/{number}", "en", name)
