"""Options of the wrong type: told by name, never by an error from deep inside."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import probatum as pb

Y = [0.30, 0.11, 0.52, 0.24, -0.05, 0.4, 0.2, 0.33]
V = [0.02, 0.03, 0.05, 0.01, 0.04, 0.03, 0.02, 0.06]
X = [1.0, 2.0, 5.0, 3.0, 0.0, 4.0, 2.0, 5.0]
CLUSTER = [1, 1, 2, 2, 3, 3, 4, 4]
FIT = pb.pool(Y, V, method="ML", test="z")
MODERATED = pb.pool(Y, V, mods=X, test="z")
ES = pb.EffectSizes(np.array(Y), np.array(V))


@pytest.mark.parametrize(
    ("name", "option", "value", "words"),
    [
        ("bootstrap", "kind", np.array([1, 2]), "kind is array.*; it takes text"),
        ("bootstrap", "iterations", "many", "iterations is 'many'; it takes a whole number"),
        ("simulate", "n", 2.5, "n is 2.5; it takes a whole number"),
        ("fsn", "alpha", None, "alpha is None; it takes a finite number"),
        ("asymmetry", "method", ["Egger"], r"method is \['Egger'\]; it takes text"),
        ("selmodel", "p_min", "small", "p_min is 'small'; it takes a finite number or None"),
        ("selmodel", "steps", ["a"], "steps holds"),
        ("profile", "points", 2.5, "points is 2.5; it takes a whole number"),
        ("profile", "tau2", [[0.1], [0.2]], "tau2 is a list"),
        ("profile", "tau2", [1e300], "tau2 = 1e"),
        ("leave1out", "cluster", 3, "cluster has 1 rows"),
        ("robust", "cluster", 3, "cluster has 1 rows"),
    ],
)
def test_wrong_types_are_told_by_name(name: str, option: str, value: Any, words: str) -> None:
    with pytest.raises(pb.BadInput, match=words):
        getattr(pb, name)(FIT, **{option: value})


@pytest.mark.parametrize("contrasts", [[], [[np.nan, 1.0]], [[0.0, 0.0]], [[1e300, 1.0]], "x", {1}])
def test_contrasts_that_test_nothing_are_refused(contrasts: Any) -> None:
    with pytest.raises(pb.BadInput, match="contrast"):
        pb.wald_test(MODERATED, contrasts)
    with pytest.raises(pb.BadInput, match="contrast"):
        pb.wild_bootstrap(MODERATED, contrasts, CLUSTER, iterations=9)


def test_single_values_in_the_place_of_rows_are_refused() -> None:
    with pytest.raises(pb.BadInput, match="patient is 3; it takes one value per row"):
        pb.mixed_model(Y, 3)
    with pytest.raises(pb.BadInput, match="series is 3"):
        pb.pool_patients(series=3, change=Y)
    with pytest.raises(pb.BadInput, match="random has 3"):
        pb.pool_multilevel(Y, V, random=3)
    with pytest.raises(pb.BadInput, match="groups is 3"):
        pb.vif(MODERATED, groups=3)  # type: ignore[arg-type]
    with pytest.raises(pb.BadInput, match="V holds"):
        pb.aggregate(ES, CLUSTER, V="x")
    with pytest.raises(pb.BadInput, match="into is of type list"):
        pb.conv_wald(out=[0.3], se=[0.1], into=[0.3])  # type: ignore[arg-type]


def test_an_error_that_is_nobodys_option_stays_what_it_is() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        FIT.predict(transf=broken)


def test_signatures_stay_what_they_were() -> None:
    assert list(inspect.signature(pb.fsn).parameters)[:3] == ["fit", "vi", "type"]
    assert "Rosenthal" in (pb.fsn.__doc__ or "")
    with pytest.raises(TypeError, match="missing"):
        pb.pool()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected"):
        pb.pool(Y, V, wieghts=V)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "name", [n for n in dir(pb) if inspect.isfunction(getattr(pb, n)) and n[0] != "_"]
)
def test_every_public_function_tells_its_wrong_options(name: str) -> None:
    function = getattr(pb, name)
    assert hasattr(function, "__wrapped__") or not inspect.signature(function).parameters
