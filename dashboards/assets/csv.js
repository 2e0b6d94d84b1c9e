// "CSV" beside a table: its visible columns and filtered, sorted rows as a file, made here (RFC 4180).
(function () {
  "use strict";
  // As in p2ppool/reports/formulas.py: characters that start a formula in a spreadsheet.
  const FORMULA = /^[=+\-@\t\r\n]/;
  const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

  function inUtc(text) {
    if (/(Z|[+-]00:?00)$/.test(text)) return text.replace(" ", "T").replace(/(Z|[+-]00:?00)$/, "Z");
    const moment = new Date(text.replace(" ", "T"));
    return Number.isNaN(moment.valueOf()) ? text : moment.toISOString();
  }

  function cell(value) {
    if (value === null || value === undefined) return "";
    if (value instanceof Date) return Number.isNaN(value.valueOf()) ? "" : value.toISOString();
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (TIME.test(text)) return inUtc(text);
    return FORMULA.test(text) ? "'" + text : text;
  }

  function quoted(text) {
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function line(texts) {
    return texts.map(quoted).join(",") + "\r\n";
  }

  function shown(grid) {
    const columns = grid.getAllDisplayedColumns().filter((column) => !column.getColId().startsWith("ag-Grid-"));
    const header = columns.map((column) => cell(grid.getDisplayNameForColumn(column, null)));
    const lines = [line(header)];
    grid.forEachNodeAfterFilterAndSort((node) => {
      if (!node.group) lines.push(line(columns.map((column) => cell(valueOf(grid, column, node)))));
    });
    return lines;
  }

  function valueOf(grid, column, node) {
    return grid.getCellValue({ colKey: column, rowNode: node, useFormatter: false });
  }

  function save(lines, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines, { type: "text/csv;charset=utf-8" }));
    link.download = name;
    link.click();
    // The browser has read the data by then.
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-csv-grid]");
    if (!button) return;
    const grid = window.dash_ag_grid && window.dash_ag_grid.getApi(button.dataset.csvGrid);
    if (grid) save(shown(grid), button.dataset.csvFile);
  });
})();
