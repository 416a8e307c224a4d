"use strict";
// Everything can be read without this: it turns, opens, sorts and reads out what is there.

for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;

// What a mark of a drawing stands for is said below the drawing when it is pointed at.
for (const figure of document.querySelectorAll("figure.chart")) {
  const readout = figure.querySelector(".readout");
  if (!figure.querySelector("[data-note]")) continue;
  readout.hidden = false;
  readout.textContent = "Point at the drawing to read it.";
  figure.addEventListener("pointerover", (event) => {
    const noted = event.target.closest("[data-note]");
    if (noted) readout.textContent = noted.dataset.note;
  });
}

// Hierarchy: the drawing shows what is open in the list.
const twigs = [...document.querySelectorAll(".twig")];
const blocks = [...document.querySelectorAll(".icicle .block")];
function showOpen() {
  const open = new Set(twigs.filter((twig) => twig.open).map((twig) => twig.dataset.code));
  const shown = new Set([""]);
  for (const block of blocks.sort((a, b) => a.dataset.code.length - b.dataset.code.length)) {
    const parent = block.dataset.parent;
    const visible = shown.has(parent) && (parent === "" || open.has(parent));
    block.toggleAttribute("hidden", !visible);
    if (visible) shown.add(block.dataset.code);
  }
  spread(blocks.filter((block) => shown.has(block.dataset.code)));
}
function spread(shown) {
  if (!shown.length) return;
  const svg = shown[0].ownerSVGElement;
  const columns = Math.max(...shown.map((block) => Number(block.dataset.depth)));
  const least = 185 * columns; // a column has room for the longest name and its customers
  const all = Math.min(640, Math.max(least, svg.parentNode.clientWidth));
  svg.setAttribute("viewBox", `0 0 ${all} ${svg.viewBox.baseVal.height}`);
  svg.style.minWidth = `${Math.min(all, least)}px`;
  const width = all / columns;
  for (const block of shown) {
    const x = (Number(block.dataset.depth) - 1) * width;
    const [whole, pattern] = block.querySelectorAll("rect");
    whole.setAttribute("x", x);
    whole.setAttribute("width", width);
    pattern.setAttribute("x", x);
    block.querySelector("text")?.setAttribute("x", x + 16);
  }
}
function openTo(depth) {
  for (const twig of twigs) twig.open = Number(twig.dataset.depth) < depth;
  for (const button of document.querySelectorAll("[data-open]"))
    button.setAttribute("aria-pressed", String(Number(button.dataset.open) === depth));
}
for (const twig of twigs) twig.addEventListener("toggle", showOpen);
for (const button of document.querySelectorAll("[data-open]"))
  button.addEventListener("click", () => openTo(Number(button.dataset.open)));
if (twigs.length) openTo(2);
showOpen();
addEventListener("resize", showOpen);

// Trajectories: turned about the upright axis, then tilted, as tasks/report/charts/space.py does it.
function turnable(figure) {
  const svg = figure.querySelector(".space");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const start = { turn: Number(svg.dataset.turn), tilt: Number(svg.dataset.tilt) };
  const scale = Number(svg.dataset.scale);
  const middle = svg.viewBox.baseVal.width / 2;
  const lines = [...svg.querySelectorAll("[data-states]")].map((line) => ({
    line,
    states: line.dataset.states.split(" ").map((state) => state.split(",").map(Number)),
    mark: line.parentNode.querySelector("use"),
    text: line.parentNode.querySelector("text"),
    isAxis: line.parentNode.classList.contains("axis"),
  }));
  let { turn, tilt } = start;
  function project([x, y, z]) {
    const a = (turn * Math.PI) / 180, b = (tilt * Math.PI) / 180;
    const away = x * Math.sin(a) + y * Math.cos(a);
    const right = x * Math.cos(a) - y * Math.sin(a);
    return [middle + scale * right, middle - scale * (z * Math.cos(b) - away * Math.sin(b))];
  }
  function draw() {
    const taken = [];
    for (const part of [...lines].reverse()) {
      const points = part.states.map(project);
      const [x, y] = points[points.length - 1];
      part.line.setAttribute("points", points.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" "));
      if (part.mark) { part.mark.setAttribute("x", x - 7); part.mark.setAttribute("y", y - 7); }
      part.text.setAttribute("x", part.isAxis ? x : x + 9);
      part.text.setAttribute("y", part.isAxis ? y - 6 : y + 4.5);
      if (part.isAxis) continue;
      const width = 9 * part.text.textContent.length;
      const free = taken.every((box) => x + width < box[0] || box[0] + box[2] < x || Math.abs(y - box[1]) > 15);
      if (free) taken.push([x, y, width]);
      part.text.classList.toggle("crowded", !free);
    }
  }
  function move(sideways, upwards) {
    turn = (turn + sideways) % 360;
    tilt = Math.max(-90, Math.min(90, tilt + upwards));
    draw();
  }
  let last = null;
  svg.addEventListener("pointerdown", (event) => { last = event; svg.setPointerCapture(event.pointerId); });
  svg.addEventListener("pointermove", (event) => {
    if (!last) return;
    move((event.clientX - last.clientX) / 2, event.pointerType === "touch" ? 0 : (event.clientY - last.clientY) / 2);
    last = event;
  });
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => { last = null; });

  const keys = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, 8], ArrowDown: [0, -8] };
  figure.querySelector(".tools").addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.target.tagName === "SELECT") return;
    event.preventDefault();
    move(...keys[event.key]);
  });
  const player = figure.querySelector("[data-turn=play]");
  let playing = false, before = 0;
  function step(now) {
    if (!playing) return;
    if (before) move((now - before) / 60, 0);
    before = now;
    requestAnimationFrame(step);
  }
  function play(on) {
    playing = on && !still.matches;
    before = 0;
    player.setAttribute("aria-pressed", String(playing));
    if (playing) requestAnimationFrame(step);
  }
  function respect() { player.hidden = still.matches; play(false); }
  still.addEventListener("change", respect);
  respect();
  for (const button of figure.querySelectorAll("button[data-turn]")) {
    button.addEventListener("click", () => {
      if (button === player) return play(!playing);
      if (button.dataset.turn === "reset") { ({ turn, tilt } = start); return move(0, 0); }
      move(...button.dataset.turn.split(",").map(Number));
    });
  }
  figure.querySelector("select").addEventListener("change", (event) => {
    const chosen = event.target.value;
    for (const trail of svg.querySelectorAll(".trail")) {
      const bright = chosen !== "" && trail.dataset.segment === chosen;
      trail.classList.toggle("bright", bright);
      trail.classList.toggle("dim", chosen !== "" && !bright);
    }
  });
}
document.querySelectorAll(".turnable").forEach(turnable);

// Tables that can be sorted: by number where cells begin with one, else by their words.
function sortable(table) {
  const body = table.tBodies[0];
  const value = (row, column) => row.cells[column].textContent.trim();
  const amount = (text) => parseFloat(text.replace(/,/g, "").replace("−", "-"));
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (!head.textContent || head.textContent === "Trend") return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") === "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const numbers = head.classList.contains("n");
      const rows = [...body.rows].sort((a, b) => {
        if (!numbers) return value(b, column).localeCompare(value(a, column), "en");
        const [x, y] = [amount(value(a, column)), amount(value(b, column))];
        return (Number.isNaN(y) ? -Infinity : y) - (Number.isNaN(x) ? -Infinity : x) || 0;
      });
      body.append(...(rising ? rows.reverse() : rows));
    });
  });
}
document.querySelectorAll("table[data-sortable]").forEach(sortable);

// On paper everything is open.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
