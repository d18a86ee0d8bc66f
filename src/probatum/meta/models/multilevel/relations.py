"""Known correlations of a factor's levels (`R=`), such as those of species by their phylogeny."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.columns import floats
from probatum.meta.models.multilevel.factors import Factor
from probatum.meta.models.multilevel.terms import Intercept, Term
from probatum.meta.types import Floats


def read_relations(
    R: Any, terms: Sequence[Term], factors: Mapping[tuple[str, ...], Factor]
) -> dict[str, Floats]:
    """Correlation matrices by the label of a term, in the order of its factor's levels.

    Parameters
    ----------
    R : mapping of str to matrix, or None
        From a grouping (``"species"``) to a data frame with its levels as index, a pair of levels
        and matrix, or a matrix in the sorted order of the levels. Covariances are turned into
        correlations.

    Raises
    ------
    BadInput
        If a term or level is missing, or a matrix can't be one of correlations.
    """
    if R is None:
        return {}
    if not isinstance(R, Mapping):
        raise BadInput('R takes a mapping of factors to matrices, such as R={"species": A}.')
    known = {term.label: factors[term.factors] for term in terms if isinstance(term, Intercept)}
    for name in R:
        if name not in known:
            raise BadInput(
                f'R has a matrix for "{name}"; random has intercepts for: {", ".join(known)}.'
            )
    return {
        str(name): _correlations(str(name), in_order(f'R["{name}"]', given, known[name]))
        for name, given in R.items()
    }


def in_order(called: str, given: Any, group: Factor) -> Floats:
    """A matrix of the levels of a factor, in their order; it may hold more levels.

    Raises
    ------
    BadInput
        If a level is missing, or the matrix has another shape than its levels.
    """
    levels: Sequence[Any] | None = None
    if hasattr(given, "index") and hasattr(given, "to_numpy"):
        levels, matrix = list(given.index), given.to_numpy()
    elif isinstance(given, tuple) and len(given) == 2:
        levels, matrix = list(given[0]), given[1]
    else:
        matrix = given
    matrix = floats(matrix, called)
    size = len(group) if levels is None else len(levels)
    if matrix.shape != (size, size):
        raise BadInput(f"{called} is {matrix.shape}; it takes {size} by {size}.")
    if levels is None:
        return matrix
    place = {str(x): i for i, x in enumerate(levels)}
    lost = [str(x) for x in group.levels if str(x) not in place]
    if lost:
        raise BadInput(f"{called} has no row for {', '.join(lost[:5])}.")
    use = np.array([place[str(x)] for x in group.levels])
    return np.asarray(matrix[np.ix_(use, use)])


def _correlations(name: str, matrix: Floats) -> Floats:
    variances = np.diagonal(matrix)
    if not np.isfinite(matrix).all() or (variances <= 0.0).any():
        raise BadInput(f'R["{name}"] has a variance that is not positive, or a gap.')
    root = np.sqrt(variances)
    out = matrix / np.outer(root, root)
    if np.abs(out - out.T).max() > 1e-8:
        raise BadInput(f'R["{name}"] is not symmetric.')
    if float(np.linalg.eigvalsh(out)[0]) < -1e-8:
        raise BadInput(f'R["{name}"] is not positive semidefinite: no correlations can be that.')
    return np.asarray(0.5 * (out + out.T))
