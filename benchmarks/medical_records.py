"""Works of one medical field made up, as six databases would export them.

Titles are drawn from few words and authors from few names, so that works which have nothing to do
with each other look alike, as they do in a search on one topic. Each database has its own way with
names, titles, journals, pages and DOIs; what goes wrong beyond that is `dedup_kinds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from benchmarks.synthetic_records import Work, World

Row = dict[str, str]
_words = str.split


def _listed(text: str) -> list[str]:
    return text.split("|")


DRUGS = _words(
    "ketamine esketamine fluoxetine paroxetine sertraline citalopram escitalopram venlafaxine "
    "duloxetine amitriptyline nortriptyline imipramine lithium lamotrigine valproate quetiapine "
    "olanzapine risperidone haloperidol bupropion mirtazapine agomelatine naltrexone methadone "
    "prednisone prednisolone metformin insulin atorvastatin rosuvastatin simvastatin losartan "
    "valsartan atenolol metoprolol aspirin clopidogrel warfarin heparin dopamine dobutamine "
    "omeprazole esomeprazole cefotaxime cefuroxime estradiol estriol melatonin curcumin quercetin"
)
DISEASES = _listed(
    "depression|major depressive disorder|bipolar disorder|schizophrenia|anxiety|stroke|"
    "acute myocardial infarction|chronic heart failure|atrial fibrillation|hypertension|"
    "pulmonary hypertension|type 2 diabetes|type 1 diabetes|asthma|"
    "chronic obstructive pulmonary disease|Alzheimer's disease|Parkinson's disease|epilepsy|"
    "multiple sclerosis|breast cancer|colorectal cancer|cervical cancer|rheumatoid arthritis|"
    "chronic kidney disease|obesity|opioid dependence|alcohol use disorder|insomnia|sepsis|pain"
)
PEOPLE = _listed(
    "children|adolescents|adults|older adults|women|men|pregnant women|rats|mice|outpatients|"
    "inpatients|primary care patients|veterans|nurses|students|patients with comorbidity|"
    "ovariectomized rats|ventilated patients|smokers|African Americans|infants|male mice"
)
MARKERS = _listed(
    "interleukin-6|interleukin-8|TNF-α|C-reactive protein|brain-derived neurotrophic factor|"
    "serum cortisol|heart rate variability|Ca2+ signalling|5-HT1A receptors|NF-κB|oxidative stress|"
    "hippocampal volume|prefrontal activation|sleep duration|body mass index|quality of life|"
    "self-efficacy|mortality|morbidity|systolic blood pressure|diastolic blood pressure|"
    "β-endorphin|HbA1c|corticosterone|vitamin D|the forced swimming test|learned helplessness"
)
PLACES = _words("Japan Norway Germany China Brazil Iran Denmark Canada Turkey Italy Spain India")
SHAPES = (
    "Effects of {drug} on {marker} in {people} with {disease}",
    "Effect of {drug} and {drug2} on {marker} in {people}",
    "{drug} for {disease} in {people}",
    "{drug} versus {drug2} in the treatment of {disease}",
    "Antidepressant-like effect of {drug} in {people}",
    "{marker} in {disease}",
    "{marker} and {marker2} in {people} with {disease}",
    "The role of {marker} in {disease}",
    "Prevalence of {disease} among {people} in {place}",
    "Risk factors for {disease} in {people}",
    "Association between {marker} and {disease} in {people}",
    "Impact of {disease} on {marker} among {people} in {place}",
    "Efficacy and safety of {drug} in {people} with {disease}",
    "Early intervention in {disease}",
    "Functional magnetic resonance imaging of {marker} in {disease}",
    "Long-term outcome of {disease} treated with {drug}",
)
SUBTITLES = _listed(
    "a randomized controlled trial|a double-blind, placebo-controlled trial|a pilot study|"
    "a systematic review|a meta-analysis|a case report|a prospective cohort study|"
    "results of a 12-week trial|a two-year follow-up|evidence from {place}|an overview|"
    "a cross-sectional study|a qualitative study of {people}|implications for {people}|"
    "role of {marker}|comparison with {drug}|the {place} study|a review of the literature"
)
FAMILIES = _listed(
    "Wang|Li|Zhang|Chen|Liu|Yang|Kim|Lee|Park|Smith|Jones|Brown|Williams|Johnson|Miller|Müller|"
    "Schmidt|Weber|García|Martínez|López|Rodrigues|Silva|Santos|Rossi|Nielsen|Hansen|Andersen|"
    "Johansson|Tanaka|Suzuki|Sato|Kumar|Singh|Patel|Nguyen|Cohen|Levy|Kowalski|Novák|Ivanov|Petrov|"
    "O'Brien|MacDonald|Dubois|Fernández|Ferreira|Yılmaz|Ahmadi|Hosseini|Murphy|Taylor|Wilson|"
    "van der Berg|de Vries|García-López|Al-Rashid|van den Heuvel|Le Roux|Saint-Pierre|von Hagen"
)
GIVEN = _words(
    "Anna Bernd Carla David Elena Frank Grace Hans Ingrid John Katrin Louis María Nils Olga Paul "
    "Rosa Stefan Tomas Ute Victor Wei Xin Yan Zoe Jean-Paul Ming Hiroshi Sun-Hee Ahmed"
)
JOURNALS = _listed(
    "Journal of Affective Disorders=J Affect Disord|Biological Psychiatry=Biol Psychiatry|"
    "American Journal of Psychiatry=Am J Psychiatry|Archives of General Psychiatry=Arch Gen "
    "Psychiatry|British Journal of Psychiatry=Br J Psychiatry|Psychopharmacology=Psychopharmacolo "
    "(Berl)|European Neuropsychopharmacology=Eur Neuropsychopharmacol|NeuroImage=Neuroimage|"
    "Human Brain Mapping=Hum Brain Mapp|Circulation=Circulation|The Lancet=Lancet|"
    "Journal of the American College of Cardiology=J Am Coll Cardiol|American Heart Journal=Am "
    "Heart J|The New England Journal of Medicine=N Engl J Med|Stroke; a journal of cerebral "
    "circulation=Stroke|JAMA: Journal of the American Medical Association=JAMA|BMJ (Clinical "
    "research ed.)=BMJ|Diabetes Care=Diabetes Care|Diabetologia=Diabetologia|Diabetic "
    "Medicine=Diabet Med|Thorax=Thorax|Chest=Chest|American Journal of Respiratory and Critical "
    "Care Medicine=Am J Respir Crit Care Med|Respiratory Medicine=Respir Med|Brain Research=Brain "
    "Res|Behavioural Brain Research=Behav Brain Res|Neuroscience Letters=Neurosci Lett|European "
    "Journal of Pharmacology=Eur J Pharmacol|Pharmacology Biochemistry and Behavior=Pharmacol "
    "Biochem Behav|Progress in Neuro-Psychopharmacology & Biological Psychiatry=Prog "
    "Neuropsychopharmacol Biol Psychiatry|PLoS ONE=PLoS One|BMC Psychiatry=BMC Psychiatry|"
    "Scientific Reports=Sci Rep|Acta Psychiatrica Scandinavica=Acta Psychiatr Scand|Zhongguo Zhong "
    "Yao Za Zhi=Zhongguo Zhong Yao Za Zhi|Der Nervenarzt=Nervenarzt|Revista Brasileira de "
    "Psiquiatria=Braz J Psychiatry|Tidsskrift for den Norske Laegeforening=Tidsskr Nor Laegeforen|"
    "Journal of Clinical Psychology in Medical Settings=J Clin Psychol Med Settings|Cochrane "
    "Database of Systematic Reviews=Cochrane Database Syst Rev|Journal of Nursing Research=J Nurs "
    "Res|Blood=Blood|British Journal of Haematology=Br J Haematol|Haematologica=Haematologica|"
    "Journal of Physiotherapy=J Physiother|Health Education Research=Health Educ Res"
)  # fmt: skip
ABBREVIATED = dict(one.split("=") for one in JOURNALS)
_ONLINE = ("PLoS ONE", "BMC Psychiatry", "Scientific Reports")  # article numbers, no pages


class Field(World):
    """Works of one field: few words, few people, journals that exist."""

    def __post_init__(self) -> None:
        self.journals = list(ABBREVIATED)

    def text(self, words: int) -> str:
        """Sentences of about so many words."""
        out = ""
        while out.count(" ") + 1 < words:
            out += ("" if not out else ". ") + self.phrase(self.random.choice(SHAPES))
        return out

    def phrase(self, shape: str) -> str:
        r = self.random
        filled = shape.format(
            drug=r.choice(DRUGS), drug2=r.choice(DRUGS), marker=r.choice(MARKERS),
            marker2=r.choice(MARKERS), people=r.choice(PEOPLE), disease=r.choice(DISEASES),
            place=r.choice(PLACES),
        )  # fmt: skip
        return filled[0].upper() + filled[1:]

    def person(self) -> tuple[str, str]:
        r = self.random
        given = r.choice(GIVEN)
        return FAMILIES[int(r.random() ** 1.5 * len(FAMILIES))], given + (
            f" {r.choice('ABCDEFGHJKLMRSTW')}." if r.random() < 0.5 else ""
        )

    def work(self) -> Work:
        r = self.random
        journal = r.choice(self.journals)
        year = int(2022 - abs(r.gauss(0, 9)))
        online = journal in _ONLINE
        return Work(
            title=self.phrase(r.choice(SHAPES)),
            subtitle=self.phrase(r.choice(SUBTITLES)) if r.random() < 0.4 else "",
            authors=tuple(self.person() for _ in range(min(12, 1 + int(r.expovariate(0.25))))),
            year=year, journal=journal, volume=year - 1975 + len(journal) % 40,
            number=r.randint(1, 12),
            page=r.randint(10_000, 250_000) if online else r.randint(1, 1500),
            length=0 if online else r.randint(1, 14), mark="e" if online else "",
            doi=f"10.{1016 + len(journal)}/j.{journal[:3].lower()}.{year}.{r.randrange(10**6)}",
            abstract=". ".join(self.phrase(r.choice(SHAPES)).lower() for _ in range(8)),
        )  # fmt: skip


def named(work: Work, style: Callable[[str, str], str]) -> str:
    return " and ".join(style(family, given) for family, given in work.authors)


def _letters(given: str) -> list[str]:
    return [part[0] for part in given.replace("-", " ").split()]


def initials(family: str, given: str) -> str:
    return f"{family}, {' '.join(f'{letter}.' for letter in _letters(given))}"


def _joined(family: str, given: str) -> str:
    return f"{family} {''.join(_letters(given))}"


def full(family: str, given: str) -> str:
    return f"{family}, {given}"


def _title(work: Work, between: str = ": ") -> str:
    return work.title + (between + work.subtitle if work.subtitle else "")


def _range(work: Work, *, short: bool = False) -> str:
    if not work.page:
        return ""
    a, b = f"{work.mark}{work.page}", f"{work.mark}{work.page + work.length}"
    if a == b:
        return a
    if short and len(a) == len(b):
        same = next(at for at in range(len(a)) if a[at] != b[at])
        b = b[same:]
    return f"{a}-{b}"


def _row(r: Random, work: Work, *, doi: float, number: float = 1.0, **cells: str) -> Row:
    base = {
        "type": "", "year": str(work.year), "volume": str(work.volume or ""),
        "number": str(work.number or "") if r.random() < number else "",
        "pages": _range(work), "doi": work.doi if r.random() < doi else "", "issn": "",
        "abstract": work.abstract,
    }  # fmt: skip
    return {**base, **cells}


def pubmed(r: Random, work: Work) -> Row:
    return _row(
        r, work, doi=0.8, number=0.95, title=_title(work) + ".", pages=_range(work, short=True),
        author=named(work, r.choice((initials, _joined))),
        journal=ABBREVIATED.get(work.journal, work.journal),
    )  # fmt: skip


def embase(r: Random, work: Work) -> Row:
    abstract = work.abstract and work.abstract + " Copyright © 2012 Elsevier. All rights reserved."
    return _row(
        r, work, doi=0.6, number=0.9, title=_title(work), author=named(work, initials),
        journal=work.journal, abstract=abstract, issn=f"{1000 + len(work.journal)}-567X",
    )  # fmt: skip


def web_of_science(r: Random, work: Work) -> Row:
    return _row(
        r, work, doi=0.7, title=_title(work).title() if r.random() < 0.5 else _title(work),
        author=named(work, lambda f, g: f"{f}, {''.join(_letters(g))}"),
        journal=work.journal.upper(),
    )  # fmt: skip


def scopus(r: Random, work: Work) -> Row:
    return _row(
        r, work, doi=0.9, title=_title(work), author=named(work, initials), journal=work.journal,
        pages=_range(work), issn=f"{1000 + len(work.journal)}567X",
    )  # fmt: skip


def central(r: Random, work: Work) -> Row:
    return _row(
        r, work, doi=0.3, number=0.7, title=_title(work, r.choice((": ", " - ", ". "))),
        author=named(work, _joined).replace(" and ", "; "), journal=work.journal,
        pages=_range(work, short=r.random() < 0.5), abstract=work.abstract[: r.choice((250, 2000))],
    )  # fmt: skip


def psycinfo(r: Random, work: Work) -> Row:
    plain = work.title.replace("α", "alpha").replace("β", "beta").replace("κ", "kappa")
    return _row(
        r, work, doi=0.5, title=_title(replace(work, title=plain)), author=named(work, full),
        journal=work.journal, abstract=work.abstract + " (PsycINFO Database Record (c) 2012 APA)",
    )  # fmt: skip


DATABASES = (pubmed, embase, web_of_science, scopus, central, psycinfo)
