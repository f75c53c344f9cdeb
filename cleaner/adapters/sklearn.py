"""scikit-learn: a transformer of texts, for pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from cleaner.adapters.stream import clean_rows
from cleaner.options import Guard, Profile


class ChromeTransformer(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[call-arg,misc]
    """Cleans each text of a list, array or Series; the parameters are those of `Cleaner`. There is nothing to fit.

    Texts come out as a list, which is what vectorizers take: like them, it has no ``set_output``."""

    def __init__(
        self,
        profile: Profile = "balanced",
        rules: Any = (),
        select: Any = (),
        ignore: Any = (),
        max_removed: float | None = None,
        on_guard: Guard = "keep",
    ) -> None:
        self.profile = profile
        self.rules = rules
        self.select = select
        self.ignore = ignore
        self.max_removed = max_removed
        self.on_guard = on_guard

    def fit(self, X: Any = None, y: Any = None) -> ChromeTransformer:
        """Load the rules; texts and labels are not looked at."""
        from cleaner.clean.cleaner import Cleaner

        self._made_of = self.get_params(deep=False)
        self.cleaner_ = Cleaner(**self._made_of)
        return self

    def transform(self, X: Iterable[Any]) -> list[Any]:
        """The texts without their chrome, in their order; what is no text, or cannot be cleaned, as it is.

        Raises ValueError for one text, and for what has columns: a frame would give their names in place of texts.
        """
        if isinstance(X, (str, bytes, Mapping)) or len(getattr(X, "shape", (0,))) != 1:
            raise ValueError("a list of texts is needed, or one column: of a frame, frame['text']")
        if getattr(self, "_made_of", None) != self.get_params(deep=False):  # not fitted, or `set_params` came later
            self.fit()
        values = X.to_pylist() if hasattr(X, "to_pylist") else X  # Arrow's own values are no strings
        return [row["text"] for row in clean_rows(({"text": value} for value in values), cleaner=self.cleaner_)]

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The names that came, as an array: a pipeline asks each of its steps. Without any, ``text``."""
        return np.asarray(["text"] if input_features is None else input_features, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True
