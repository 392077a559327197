"""The workbook of offers: live formulas that give the engine's cents, and the engine's values beside them."""

from tideover.reports.workbook.write import check_workbook, write_workbook

__all__ = ["check_workbook", "write_workbook"]
