// A table in which only what changed is written: what is being read, selected or copied from it stays.

import { el } from "./dom.js";

export class Rows {
  // `heads`: [words, class] of each column.
  constructor(heads) {
    this.heads = heads;
    this.root = el("div", "rw-table rw-rows");
    const table = el("table");
    const head = el("tr");
    head.append(...heads.map(([words, kind]) => el("th", kind, words)));
    const top = el("thead");
    top.append(head);
    this.body = el("tbody");
    table.append(top, this.body);
    this.root.append(table);
    this.held = new Map();
  }

  // `rows`: [key, cells]; a cell is a text or parts of it [tag, class, text, title].
  paint(rows) {
    const keys = new Set(rows.map(([key]) => key));
    for (const [key, row] of this.held) {
      if (keys.has(key)) continue;
      row.node.remove();
      this.held.delete(key);
    }
    rows.forEach(([key, cells], at) => {
      let row = this.held.get(key);
      if (!row) {
        row = { node: el("tr"), said: [] };
        row.node.append(...this.heads.map(([words, kind]) => el("td", kind, null, { "data-head": words })));
        this.held.set(key, row);
      }
      if (this.body.children[at] !== row.node) this.body.insertBefore(row.node, this.body.children[at] ?? null);
      cells.forEach((cell, column) => {
        const said = JSON.stringify(cell);
        if (row.said[column] === said) return;
        row.said[column] = said;
        row.node.children[column].replaceChildren(...made(cell));
      });
    });
  }
}

function made(cell) {
  if (!Array.isArray(cell)) return cell === "" ? [] : [el("span", "", cell)];
  return cell.filter(([, , text]) => text !== "").map(([tag, kind, text, title]) => el(tag, kind, text, title ? { title } : {}));
}
