// Draws the report that is in the element `data`: docs/inspect.md describes it. Names in it come from untrusted files, so
// they become text of elements, and never markup.
"use strict";

const report = JSON.parse(document.getElementById("data").textContent);
const map = document.getElementById("map");
const search = document.getElementById("search");

// ---- Text

const byId = (id) => document.getElementById(id);
const withCommas = new Intl.NumberFormat("en");
const number = (value) => withCommas.format(value);
const percent = (part, whole) => (whole === 0 ? "0" : ((100 * part) / whole).toFixed(1)) + " %";
const bytes = (value) => number(value) + (value === 1 ? " byte" : " bytes");

/** An element with a class and a text, and with children. */
function element(name, className, text, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

// ---- The tree: each node gets its parent and its kind

const functions = [];

function prepare(root) {
  const open = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (node.function) functions.push(node);
    for (const child of node.children ?? []) {
      child.parent = node;
      child.kind ??= node.kind;
      open.push(child);
    }
  }
}

/** The nodes from the root to this one. */
function ancestry(node) {
  const nodes = [];
  for (let at = node; at; at = at.parent) nodes.unshift(at);
  return nodes;
}

const label = (node) => node.label ?? node.name;

/** What is shown of a node in a sentence. */
function describe(node) {
  const path = node.function ? node.name : ancestry(node).slice(1).map((at) => at.name).join(" / ");
  const kind = node.kind && node.function ? `, ${node.kind}` : "";
  const dead = node.dead ? ", can't be called: a build leaves it out" : "";
  return `${path || node.name}: ${bytes(node.bytes)}, ${percent(node.bytes, report.bytes)}${kind}${dead}`;
}

// ---- The picture: a squarified treemap (Bruls, Huizing, van Wijk 2000)

/** What is smaller, in square pixels, is shown together. */
const LEAST_AREA = 30;
const HEADING = 17;

/** Children as they are shown in an area: the smallest ones become one, of the same sum. */
function visibleChildren(node, area) {
  const children = node.children ?? [];
  const scale = area / node.bytes;
  let count = children.length;
  while (count > 0 && children[count - 1].bytes * scale < LEAST_AREA) count -= 1;
  if (children.length - count < 2) return children;
  const rest = children.slice(count);
  // The parent of what is in it stays what it is.
  const together = {
    name: `${number(rest.length)} smaller`,
    bytes: rest.reduce((sum, child) => sum + child.bytes, 0),
    kind: rest.every((child) => child.kind === rest[0].kind) ? rest[0].kind : undefined,
    children: rest,
    parent: node,
    isTogether: true,
  };
  // If all are equally small, nothing would be gained by opening it.
  return count === 0 && node.isTogether ? children : [...children.slice(0, count), together].sort((a, b) => b.bytes - a.bytes);
}

/** Divides a rectangle among nodes, the largest first: calls `place` with each and its rectangle. */
function divide(nodes, { x, y, width, height }, place) {
  let left = nodes.reduce((sum, node) => sum + node.bytes, 0);
  let at = 0;
  while (at < nodes.length && left > 0 && width > 0 && height > 0) {
    const side = Math.min(width, height);
    const scale = (width * height) / left;
    let sum = 0;
    let worst = Infinity;
    let end = at;
    // As many in a row as make them more like squares.
    while (end < nodes.length) {
      const next = sum + nodes[end].bytes;
      const thickness = (next * scale) / side;
      const ratio = (node) => {
        const length = (node.bytes * scale) / thickness;
        return Math.max(length / thickness, thickness / length);
      };
      const nextWorst = Math.max(ratio(nodes[at]), ratio(nodes[end]));
      if (nextWorst > worst) break;
      [sum, worst, end] = [next, nextWorst, end + 1];
    }
    const thickness = (sum * scale) / side;
    let offset = 0;
    for (const node of nodes.slice(at, end)) {
      const length = (node.bytes * scale) / thickness;
      const isColumn = width >= height;
      place(node, isColumn
        ? { x, y: y + offset, width: thickness, height: length }
        : { x: x + offset, y, width: length, height: thickness });
      offset += length;
    }
    if (width >= height) [x, width] = [x + thickness, width - thickness];
    else [y, height] = [y + thickness, height - thickness];
    [left, at] = [left - sum, end];
  }
}

let current = report.sizes;
let cells = [];

function draw() {
  cells = [];
  const made = document.createDocumentFragment();
  const whole = { x: 0, y: 0, width: map.clientWidth, height: map.clientHeight };
  const within = (node, rectangle) => {
    const area = rectangle.width * rectangle.height;
    divide(visibleChildren(node, area), rectangle, (child, place) => {
      const cell = cellOf(child, place);
      made.append(cell);
      const isLarge = place.width > 44 && place.height > 44;
      if (child.children && isLarge && !child.isTogether) {
        within(child, {
          x: place.x + 2,
          y: place.y + HEADING,
          width: place.width - 4,
          height: place.height - HEADING - 2,
        });
      } else {
        cell.classList.add("leaf");
      }
    });
  };
  if (current.bytes > 0) {
    if (current.children) within(current, whole);
    else made.append(cellOf(current, whole));
  }
  map.replaceChildren(made);
  if (cells.length > 0) cells[0].tabIndex = 0;
  drawPath();
  highlight();
}

function cellOf(node, { x, y, width, height }) {
  const cell = element("div", `cell ${node.kind ?? ""}`);
  if (node.children) cell.classList.add("opens");
  if (node.dead) cell.classList.add("dead");
  if (width < 14 || height < 14) cell.classList.add("tiny");
  else if (width > 30) cell.textContent = label(node);
  cell.tabIndex = -1;
  cell.setAttribute("role", "button");
  Object.assign(cell.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  cell.node = node;
  cells.push(cell);
  return cell;
}

function open(node) {
  if (!node || node === current) return;
  const from = current;
  current = node;
  draw();
  // The focus goes to where it came from, or to the first.
  const back = cells.find((cell) => cell.node === from) ?? cells[0];
  if (map.contains(document.activeElement) || document.activeElement === document.body) focus(back);
  say(current);
}

function drawPath() {
  const nodes = ancestry(current);
  byId("path").replaceChildren();
  nodes.forEach((node, index) => {
    const isLast = index === nodes.length - 1;
    const step = element(isLast ? "span" : "button", "", node.name);
    if (isLast) step.setAttribute("aria-current", "page");
    else step.addEventListener("click", () => open(node));
    byId("path").append(index > 0 ? " / " : "", step);
  });
  byId("path").append(` ${bytes(current.bytes)}`);
}

const say = (node) => { byId("where").textContent = describe(node); };

// ---- The mouse and the keyboard

const cellAt = (target) => target.closest?.(".cell");

map.addEventListener("mouseover", (event) => {
  const cell = cellAt(event.target);
  if (cell) say(cell.node);
});
map.addEventListener("click", (event) => {
  const cell = cellAt(event.target);
  if (!cell) return;
  say(cell.node);
  focus(cell);
  if (cell.node.children) open(cell.node);
});
map.addEventListener("focusin", (event) => {
  const cell = cellAt(event.target);
  if (cell) say(cell.node);
});

function focus(cell) {
  if (!cell) return;
  // Not for all of them at once: there are thousands.
  cell.setAttribute("aria-label", describe(cell.node));
  for (const other of map.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus({ preventScroll: true });
}

/** The nearest cell in a direction, by the middles of the cells. */
function neighbour(from, dx, dy) {
  const middle = (cell) => [cell.offsetLeft + cell.offsetWidth / 2, cell.offsetTop + cell.offsetHeight / 2];
  const [x, y] = middle(from);
  let best;
  let least = Infinity;
  for (const cell of cells) {
    const [otherX, otherY] = middle(cell);
    const along = (otherX - x) * dx + (otherY - y) * dy;
    const across = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
    if (cell !== from && along > 1 && along + 2 * across < least) [best, least] = [cell, along + 2 * across];
  }
  return best;
}

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

map.addEventListener("keydown", (event) => {
  const cell = cellAt(event.target);
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = DIRECTIONS[event.key];
  if (direction) focus(neighbour(cell, ...direction));
  else if (event.key === "Enter" || event.key === " ") { if (cell.node.children) open(cell.node); }
  else if (event.key === "Escape" || event.key === "Backspace") open(current.parent);
  else if (event.key === "Home") focus(cells[0]);
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey) {
    search.focus();
    event.preventDefault();
  }
});

// ---- Search

let wanted = "";
let hits = new Set();

search.addEventListener("input", () => {
  wanted = search.value.trim().toLowerCase();
  hits = new Set();
  let count = 0;
  let total = 0;
  const visit = (node) => {
    if (!node.name.toLowerCase().includes(wanted)) {
      (node.children ?? []).forEach(visit);
      return;
    }
    // With all that is in it.
    [count, total] = [count + 1, total + node.bytes];
    hits.add(node);
  };
  if (wanted) (report.sizes.children ?? []).forEach(visit);
  byId("found").textContent = wanted ? `${number(count)} found, ${bytes(total)}` : "";
  highlight();
  largest.draw();
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    search.value = "";
    search.dispatchEvent(new Event("input"));
    focus(cells[0]);
  }
});

function highlight() {
  map.classList.toggle("searching", wanted !== "");
  if (!wanted) return;
  const containing = new Set();
  for (const hit of hits) for (let at = hit.parent; at && !containing.has(at); at = at.parent) containing.add(at);
  const isHit = (node) => containing.has(node) || ancestry(node).some((at) => hits.has(at))
    || (node.isTogether === true && node.children.some((child) => containing.has(child) || hits.has(child)));
  for (const cell of cells) cell.classList.toggle("hit", isHit(cell.node));
}

// ---- Tables that can be sorted

/** How many rows are shown at first, and more at a time. */
const ROWS = 50;

/** A table of `rows` in a section. A column has a title, the value to sort by, the text, and whether that is a number. */
function table(section, columns, rows, startsBy) {
  let by = startsBy;
  let descending = true;
  let shown = ROWS;
  const head = element("tr");
  const body = element("tbody");
  const more = element("button", "more");
  const headings = columns.map((column) => {
    const button = element("button", "", column.title);
    const heading = element("th", column.isNumber ? "number" : "", undefined, button);
    heading.scope = "col";
    button.addEventListener("click", () => {
      descending = by === column ? !descending : column.isNumber === true;
      by = column;
      made.draw();
    });
    head.append(heading);
    return heading;
  });
  more.addEventListener("click", () => { shown += 10 * ROWS; made.draw(); });
  const made = {
    draw() {
      const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      const sign = descending ? -1 : 1;
      const all = rows().sort((a, b) => sign * order(by.value(a), by.value(b)));
      body.replaceChildren(...all.slice(0, shown).map((row) => {
        const cellsOfRow = columns.map((column) => {
          const className = [column.isNumber ? "number" : "", column.className?.(row) ?? ""].join(" ").trim();
          return element("td", className, column.text(row));
        });
        return element("tr", "", undefined, ...cellsOfRow);
      }));
      headings.forEach((heading, index) => {
        if (columns[index] === by) heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        else heading.removeAttribute("aria-sort");
      });
      more.hidden = all.length <= shown;
      more.textContent = `${number(all.length - shown)} more`;
    },
  };
  section.append(element("table", "", undefined, element("thead", "", undefined, head), body), more);
  made.draw();
  return made;
}

const nameColumn = { title: "Name", value: (row) => row.name, text: (row) => row.name };
const sizeColumn = { title: "Bytes", value: (row) => row.bytes, text: (row) => number(row.bytes), isNumber: true };

function largestFunctions() {
  const columns = [nameColumn, sizeColumn, {
    title: "Share", value: (row) => row.bytes, text: (row) => percent(row.bytes, report.bytes), isNumber: true,
  }, {
    title: "Kind", value: (row) => row.kind, text: (row) => row.kind,
  }];
  if (report.functions.dead > 0) {
    columns.push({ title: "Called", value: (row) => (row.dead ? 1 : 0), text: (row) => (row.dead ? "never" : "") });
  }
  const rows = () => functions.filter((node) => !wanted || node.name.toLowerCase().includes(wanted));
  return table(byId("largest"), columns, rows, sizeColumn);
}

function difference() {
  const { diff } = report;
  if (!diff) return;
  const section = byId("diff");
  section.hidden = false;
  const signed = (row) => (row.after < row.before ? "-" : "+") + number(Math.abs(row.after - row.before));
  const className = (row) => (row.after > row.before ? "grown" : row.after < row.before ? "shrunk" : "");
  const change = { title: "Change", value: (row) => row.after - row.before, text: signed, isNumber: true, className };
  const size = { title: "Amount", value: (row) => Math.abs(row.after - row.before), text: signed, isNumber: true, className };
  const before = { title: "Before", value: (row) => row.before, text: (row) => number(row.before), isNumber: true };
  const after = { title: "After", value: (row) => row.after, text: (row) => number(row.after), isNumber: true };
  const kind = { title: "Kind", value: (row) => row.kind, text: (row) => row.kind };
  section.append(element("p", "", `With ${diff.name}: ${bytes(diff.before)} before, ${bytes(diff.after)} now (${signed(diff)}).`));
  table(section, [kind, change, before, after], () => diff.kinds.slice(), change);
  section.append(element("h3", "", "By name"));
  table(section, [nameColumn, size, before, after, kind], () => diff.changes.slice(), size);
}

// ---- The rest

function legend(root) {
  const totals = new Map();
  const titles = new Map();
  const visit = (node) => {
    if (!node.kind) return (node.children ?? []).forEach(visit);
    totals.set(node.kind, (totals.get(node.kind) ?? 0) + node.bytes);
    titles.set(node.kind, node.name);
  };
  visit(root);
  for (const [kind, total] of [...totals].sort((a, b) => b[1] - a[1])) {
    const text = `${titles.get(kind)} ${percent(total, report.bytes)}`;
    byId("legend").append(element("li", "", undefined, element("span", `swatch ${kind}`), text));
  }
}

/** A list that is closed if it is long; what isn't known is said. */
function list(title, items) {
  const section = byId("about");
  if (!items) {
    section.append(element("p", "faint", `${title}: not known.`));
    return;
  }
  const details = element("details", "", undefined, element("summary", "", `${title}: ${number(items.length)}`));
  details.open = items.length > 0 && items.length <= 12;
  const text = (item) => [item.module ? `${item.module}: ` : "", item.name, item.type ? `: ${item.type}` : ""].join("");
  const entries = element("ul");
  for (const item of items) entries.append(element("li", "", text(item)));
  details.append(entries);
  section.append(details);
}

function about() {
  const { functions: counts, build } = report;
  const section = byId("about");
  const parts = [report.kind, report.target, bytes(report.bytes), `${number(counts.count)} functions`];
  if (counts.dead > 0) {
    parts.push(`${number(counts.dead)} of them, with ${bytes(counts.dead_bytes)}, can't be called`);
  }
  byId("summary").textContent = parts.filter(Boolean).join(", ");
  for (const sentence of report.unknown) section.append(element("p", "faint", sentence));
  if (build) {
    section.append(element("p", "", build.succeeds ? "A build would succeed." : "A build would fail:"));
    if (build.error) section.append(element("pre", "", build.error));
    for (const warning of build.warnings) section.append(element("p", "", `Warning: ${warning}`));
  }
  const features = report.features?.map((name) => ({ name }));
  if (build) list("Features", features);
  list(report.kind === "executable" ? "Functions of the host" : "Imports", report.imports);
  if (build) list("Exports", report.exports);
  if (report.policy_file !== null) {
    section.append(element("h3", "", "Policy"), element("pre", "", report.policy_file || "Nothing is granted."));
  }
}

prepare(report.sizes);
legend(report.sizes);
about();
difference();
const largest = largestFunctions();
draw();
let resized;
addEventListener("resize", () => {
  cancelAnimationFrame(resized);
  resized = requestAnimationFrame(draw);
});
