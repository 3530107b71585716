"""The tables of imports: each file that brought something, and the cases it brought."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class ImportBatch(SQLModel, table=True):
    """One file whose rows were taken, by which mapping, and how many."""

    __tablename__ = "import_batch"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=12)
    file: str = Field(max_length=200)
    sha256: str = Field(max_length=64, index=True)
    mapping: str = Field(max_length=200)
    system: str = Field(max_length=40)  # whose numbers the rows carry
    taken: int
    refused: int
    at: datetime


class ImportedCase(SQLModel, table=True):
    """Which import brought a case."""

    __tablename__ = "imported_case"
    case_id: int = Field(primary_key=True, foreign_key="case_file.id")
    batch_id: int = Field(foreign_key="import_batch.id", index=True)
