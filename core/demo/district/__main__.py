"""`python -m core.demo.district`: write the demo street's files anew."""

from pathlib import Path

from core.demo.district import write

write(Path(__file__).parents[3] / "data" / "demo")
