"""What a result says, in plain words made from the result itself."""

from __future__ import annotations

from probatum.build.results import AnalysisResult
from probatum.meta.measures import MEASURES
from probatum.site.format import NBSP
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Marked, Parts, parts

_TESTS = {
    "z": "normal (Wald) interval",
    "t": "t interval",
    "knha": "Hartung-Knapp interval",
    "adhoc": "Hartung-Knapp interval, never narrower than the normal one",
    "kr": "Kenward-Roger interval",
}
_PREDICTIONS = {
    "default": "as the interval of the average",
    "t": "t distribution",
    "Riley": "t distribution, by Riley, Higgins and Deeks",
    "S": "normal distribution, by Skipka",
    "V": "t distribution, by Veroniki and others",
    "HTS": "by Higgins, Thompson and Spiegelhalter",
    "HK": "by Hartung and Knapp's standard error",
    "HK-PR": "by Hartung and Knapp's standard error, as Partlett and Riley propose",
    "KR": "by Kenward and Roger's adjustment",
    "KR-PR": "by Kenward and Roger's adjustment, as Partlett and Riley propose",
    "NNF": "bootstrap by Nagashima, Noma and Furukawa",
}
_SCALES = {
    "exp": "on the log scale",
    "ilogit": "on the logit scale",
    "iprobit": "on the probit scale",
    "iarcsine": "on the arcsine square root scale",
    "ift": "on the double arcsine scale of Freeman and Tukey",
    "isqrt": "on the square root scale",
    "iirft": "on the double square root scale of Freeman and Tukey",
    "ztor": "on the scale of Fisher's z",
    "ztor2": "on the scale of Fisher's z",
    "iahw": "on the scale of Hakstian and Whalen",
    "iabt": "on the scale of Bonett",
}
_MODELS = {
    "random": "random-effects model: the true effect may differ from study to study",
    "equal": "equal-effects model: all studies are taken to estimate one effect",
    "mantel-haenszel": "Mantel-Haenszel method: one effect, weights made for rare events",
    "peto": "Peto's method: one effect, for rare events",
    "one-stage": "one-stage mixed model: the change of every person at once, people taken to "
    "differ by as much in every study, and the true mean change to differ from study to study",
    "exact": "exact binomial limits",
    "none": "no pooling: results side by side",
}
_METHODS = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "DL": "DerSimonian and Laird's method",
    "PM": "Paule and Mandel's method",
    "EB": "empirical Bayes",
    "HE": "Hedges' method",
    "HS": "Hunter and Schmidt's method",
    "SJ": "Sidik and Jonkman's method",
    "HSk": "Hunter and Schmidt's method, corrected for few studies",
    "SJIT": "Sidik and Jonkman's method, iterated",
    "DLIT": "DerSimonian and Laird's method, iterated",
    "PMM": "Paule and Mandel's method, median-unbiased",
    "EE": "no variation between studies",
}


CHANGES = ("MC", "SMCC")  # of people over time: nothing is compared with anything


def test_words(test: str) -> str:
    """Say in words how an interval was made."""
    return _TESTS.get(test, "interval as reported")


def model_words(model: str) -> str:
    """Say in words what a model assumes."""
    return _MODELS.get(model, "a model of its own")


def method_words(method: str) -> str:
    """Say in words how the variation between studies was estimated."""
    return _METHODS.get(method, "another estimator")


def prediction_words(predtype: str) -> str:
    """Say in words how a prediction interval was made."""
    return _PREDICTIONS.get(predtype, "a convention of its own")


def scale_words(measure: str) -> str:
    """Say in words on which scale a measure is pooled, where readers see another."""
    found = MEASURES.get(measure)
    return _SCALES.get(found.transf, "") if found is not None else ""


def null_words(result: AnalysisResult) -> str:
    """Say which value means no difference."""
    if result.null is None:
        return ""
    what = "change" if result.measure in CHANGES else "difference"
    values = {1: "one", 0.5: "one half"}
    return f"{values.get(result.null, 'zero')} means no {what}"


def side(result: AnalysisResult) -> str:
    """Return the reader's words for the side a result lies on, or nothing if it spans both."""
    pooled = result.pooled
    if pooled is None or result.null is None or len(result.favours) != 2:
        return ""
    if pooled.ci_ub < result.null:
        return result.favours[0]
    return result.favours[1] if pooled.ci_lb > result.null else ""


def answer(result: AnalysisResult) -> Parts:
    """Return the sentence at the top of an analysis page."""
    makers = {
        "pooled": _pooled,
        "two-studies": _two,
        "single-study": _single,
        "exact": _exact,
        "listed": _listed,
        "failed": _failed,
    }
    return makers[result.presentation](result)


def _base(numbers: ResultNumbers) -> Parts:
    people = numbers.people()
    if people is None:
        return parts(numbers.k(), f"{NBSP}studies")
    return parts(numbers.k(), f"{NBSP}studies with ", people, f"{NBSP}people")


def _pooled(result: AnalysisResult) -> Parts:
    numbers = ResultNumbers(result)
    value = parts(
        numbers.pooled("estimate"), " (", numbers.level(), " interval ", numbers.interval()
    )
    if result.null is None or result.scale == "proportion":
        return parts(
            "Across ", _base(numbers), ", the pooled ", result.measure_name, " is ", value, ")."
        )
    facts = parts("pooled ", result.measure_name, " is ", value, "; ", null_words(result), ").")
    way = "people change" if result.measure in CHANGES else "the difference goes"
    if _spans_null(result):
        return parts(
            "Across ",
            _base(numbers),
            f", it remains open which way {way}, or whether there is one: ",
            "the ",
            facts,
        )
    favours = side(result)
    direction = (
        parts(", the results together lie on one side: ", _mark(favours), ". ")
        if favours
        else parts(", the results together lie on one side of no difference. ")
    )
    return parts("Across ", _base(numbers), direction, "The ", facts)


def _mark(text: str) -> object:
    return Marked("axis", text) if any(c.isdigit() for c in text) else text


def _spans_null(result: AnalysisResult) -> bool:
    pooled = result.pooled
    return (
        pooled is not None
        and result.null is not None
        and pooled.ci_lb <= result.null <= pooled.ci_ub
    )


def _study_value(result: AnalysisResult, index: int) -> Parts:
    numbers = ResultNumbers(result)
    effect = result.studies[index]
    label = Marked("citation", effect.label)
    estimate, interval = numbers.study(effect, "estimate"), numbers.study_interval(effect)
    if estimate is None:
        return parts(label, " gives no estimate")
    if interval is None:
        return parts(label, " found ", estimate)
    return parts(label, " found ", estimate, " (", interval, ")")


def _two(result: AnalysisResult) -> Parts:
    return parts(
        "Two studies only: ",
        _study_value(result, 0),
        ", ",
        _study_value(result, 1),
        f" ({result.measure_name}). Two are too few to tell how much studies differ, "
        "so they stand here side by side.",
    )


def _single(result: AnalysisResult) -> Parts:
    if not result.studies:
        return parts("We found no study for this.")
    return parts("One study only: ", _study_value(result, 0), f" ({result.measure_name}).")


def _exact(result: AnalysisResult) -> Parts:
    numbers = ResultNumbers(result)
    events, n, upper = numbers.zero("events"), numbers.zero("n"), numbers.zero("upper")
    if events is None or n is None or upper is None:
        return _listed(result)
    caution = "" if result.zero["events"] else " That does not mean it can't happen:"
    return parts(
        events,
        f"{NBSP}of{NBSP}",
        n,
        f" people had it.{caution or ' So'} the true share could be as high as ",
        upper,
        " (upper ",
        numbers.zero("level") or numbers.level(),
        " limit).",
    )


def _listed(result: AnalysisResult) -> Parts:
    if not result.studies:
        return parts("We found no study for this.")
    if len(result.studies) == 1:
        return _single(result)
    aside = " were not pooled; they stand here side by side."
    if result.k == 1:
        return parts("Several results of one study", aside)
    if result.k == 0:
        return parts("The results found", aside)
    return parts("The results of ", ResultNumbers(result).k(), f"{NBSP}studies", aside)


def _failed(result: AnalysisResult) -> Parts:
    return parts("This analysis could not be computed. What is wrong is said below.")


def agreement(i2: float) -> str:
    """Say in words how far studies differ beyond chance (I-squared in percent)."""
    if i2 < 30:
        return "The studies agree about as well as chance alone would make them"
    how = "somewhat" if i2 < 60 else "clearly"
    return f"The studies differ {how} more than chance would make them"


def heterogeneity(result: AnalysisResult) -> Parts | None:
    """Say how much the studies differ beyond chance."""
    pooled = result.pooled
    if result.presentation != "pooled" or pooled is None or pooled.I2 is None or pooled.k < 2:
        return None
    return parts(
        agreement(pooled.I2),
        ": about ",
        ResultNumbers(result).pooled("I2"),
        " of the spread between them is not explained by chance.",
    )


def prediction(result: AnalysisResult) -> Parts | None:
    """Explain the prediction interval."""
    numbers = ResultNumbers(result)
    interval = numbers.interval(kind="pi")
    if interval is None or result.presentation != "pooled":
        return None
    return parts(
        "In a new study like these, the true effect would be expected between ",
        interval,
        " (",
        numbers.level(),
        " prediction interval). It is wider than the interval of the average when studies differ.",
    )
