"""Bytes to text: encodings, line ends and sizes, with every fault reported and read past."""

from __future__ import annotations

from probatum.errors import Problem, problem, problem_code

LIMIT = 50_000_000  # bytes; a row file of a review is thousands of times smaller

TOO_LARGE = problem_code(
    "E105",
    "File too large",
    why="A file of a review is read whole; one this large is nearly always a wrong file.",
    repair="Check that the right file was saved here, or split it.",
    example="studies/a/outcomes.csv of 80 MB",
)
NOT_UTF8 = problem_code(
    "E102",
    "Text is not UTF-8",
    why="Other encodings garble names and signs on other machines.",
    repair='Save the file again as UTF-8 (in a spreadsheet: "CSV UTF-8").',
    example="the byte 0xE9 where UTF-8 writes é as two bytes",
)
UTF16 = problem_code(
    "E103",
    "Text is UTF-16",
    why='Spreadsheets write UTF-16 for "Unicode text"; a review is UTF-8.',
    repair='Save the file again as UTF-8 (in a spreadsheet: "CSV UTF-8").',
    example="a file that starts with the bytes FF FE",
)
NUL = problem_code(
    "E104",
    "NUL bytes in text",
    why="A NUL byte is never text: the file is binary or was damaged while being written.",
    repair="Restore the file from version control.",
    example="a crash in the middle of a save",
)
BOM = problem_code(
    "W107",
    "Byte order mark",
    why="The mark is invisible and gets in the way of other tools.",
    repair="Save the file as UTF-8 without a byte order mark.",
    example="a CSV saved by a spreadsheet",
)


def read_text(data: bytes, file: str) -> tuple[str, list[Problem]]:
    r"""Decode `data`, reading on past every fault; line ends become ``\n``.

    Examples
    --------
    >>> read_text(b"a,b\r\n", "x.csv")
    ('a,b\n', [])
    """
    if len(data) > LIMIT:
        message = f"the file has more than {LIMIT // 1_000_000} MB, the limit"
        return "", [problem(TOO_LARGE, file, 0, "", message)]
    found: list[Problem] = []
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found.append(problem(UTF16, file, 1, "", "the file is UTF-16; expected UTF-8"))
        text = data.decode("utf-16", errors="replace")
    else:
        if data.startswith(b"\xef\xbb\xbf"):
            found.append(problem(BOM, file, 1, "", "the file starts with a byte order mark"))
            data = data[3:]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            text = data.decode("cp1252", errors="replace")
            before = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            message = f"byte 0x{data[error.start]:02X} is not UTF-8; read as Windows-1252"
            found.append(problem(NOT_UTF8, file, before.count(b"\n") + 1, "", message))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        found.append(problem(NUL, file, line, "", "the text holds NUL bytes"))
        text = text.replace("\0", "")
    return text, found
