"""Give the accounts of an answer key their roles, from who pays and who receives in each attempt."""

import polars as pl

__all__ = ["OTHER", "SHAPES", "attempts", "spelled"]

# What an account is that only pays, that does both, that only receives; by typology (Altman et al., 2023, Figure 2).
SHAPES = {
    "bipartite": ("source", "mule", "cash-out"),
    "cycle": ("mule", "mule", "mule"),
    "fan-in": ("mule", "mule", "collector"),
    "fan-out": ("distributor", "mule", "mule"),
    "gather-scatter": ("source", "collector", "cash-out"),
    "random": ("source", "mule", "cash-out"),
    "scatter-gather": ("source", "mule", "collector"),
    "stack": ("source", "mule", "cash-out"),
}
OTHER = "member"


def spelled(typology: pl.Expr) -> pl.Expr:
    """Return the name of a typology as the field writes it here: lower case, hyphens."""
    return typology.str.strip_chars().str.to_lowercase().str.replace_all(r"[_ ]+", "-")


def attempts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return attempt, typology, laundering, account, role of *rows* in order of time.

    *rows* has attempt, typology, laundering, source, target. The first payer of a cycle is its source. Where the
    typology has no shape that is known, everyone is a member.
    """
    ends = pl.concat(
        rows.select("attempt", pl.col(end).alias("account"), pl.lit(pays).alias("pays"))
        for end, pays in (("source", True), ("target", False))
    )
    who = ends.group_by("attempt", "account").agg(pl.col("pays").any(), receives=(~pl.col("pays")).any())
    about = rows.group_by("attempt", maintain_order=True).agg(
        pl.col("typology").drop_nulls().first(), pl.col("laundering").any(), pl.col("source").first().alias("first")
    )
    place = pl.when(pl.col("pays") & pl.col("receives")).then(1).when("pays").then(0).otherwise(2)
    role = pl.coalesce(
        pl.when((pl.col("typology") == shape) & (place == i)).then(pl.lit(role))
        for shape, roles in SHAPES.items()
        for i, role in enumerate(roles)
    )
    opens = (pl.col("typology") == "cycle") & (pl.col("account") == pl.col("first"))
    return (
        who.join(about, on="attempt")
        .with_columns(role=pl.when(opens).then(pl.lit("source")).otherwise(role).fill_null(OTHER))
        .select("attempt", "typology", "laundering", "account", "role")
        .sort("attempt", "account")
    )
