"""Writes names as the server reads them. Every name is taken for hostile."""

from __future__ import annotations


def ident(name: str) -> str:
    """Write an identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"


def text_literal(text: str) -> str:
    """Write a string constant, whatever the session's mode says of backslashes and quotes."""
    return f"_utf8mb4 X'{text.encode().hex()}'"


def pattern(name: str) -> str:
    """Write the name of a database for GRANT, where an underscore and a percent sign are wildcards."""
    return ident(name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"))


def account(user: str) -> str:
    """Write an account, given as CURRENT_USER() shows it: user@host."""
    name, _, host = user.rpartition("@")
    return f"{_quoted(name)}@{_quoted(host)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
