"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
for (const part of all(".tools, #filter")) part.hidden = false;

// The theme of the system stands until the reader chooses; the choice lasts as long as the page.
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

const expand = byId("expand");
const openAll = (open) => { for (const part of all("details")) part.open = open; };
expand.addEventListener("click", () => {
  const open = expand.getAttribute("aria-pressed") !== "true";
  expand.setAttribute("aria-pressed", String(open));
  openAll(open);
});

// Browsers that do not print what is closed get it opened.
addEventListener("beforeprint", () => openAll(true));

const filter = byId("filter");
const apply = () => {
  const [text, severity, pillar] = ["text", "severity", "pillar"].map((id) => byId(id).value);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const cards = all(".card");
  for (const card of cards) {
    const content = card.textContent.toLowerCase();
    card.hidden = !((!severity || card.closest(".group").dataset.s === severity)
      && (!pillar || card.dataset.p === pillar) && words.every((word) => content.includes(word)));
  }
  for (const group of all(".group")) group.hidden = all(".card", group).every((card) => card.hidden);
  const shown = cards.filter((card) => !card.hidden).length;
  byId("shown").textContent = shown === cards.length ? "" : `${shown} of ${cards.length} shown`;
};
if (filter) {
  filter.addEventListener("input", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
}

const make = (tag, text, parent, style) => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (style) element.className = style;
  parent.append(element);
  return element;
};

const addCopy = (block) => {
  const frame = document.createElement("div");
  frame.className = "frame";
  block.replaceWith(frame);
  frame.append(block);
  const button = make("button", "Copy", frame, "copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
};
for (const block of all("pre")) addCopy(block);

// What a page of this size has no room for is taken from the data that it carries.
const readData = async () => {
  const element = byId("audit");
  if (element.type === "application/json") return JSON.parse(element.textContent);
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
};

// Characters that would hide or reorder text are isolated behind their name, as everywhere on the page.
const hidden = /((?![\n\t\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}])/u;
const spell = (character) => {
  const name = { "\r": "\\r", "\x1b": "\\e" }[character];
  if (name) return name;
  const code = character.codePointAt(0);
  const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return "\\" + letter + code.toString(16).padStart(digits, "0");
};
const end = (statement) => {
  const text = statement.trimEnd();
  if (text.endsWith(";")) return text;
  return text + (text.split("\n").pop().includes("--") ? "\n;" : ";");
};
const addStatements = (title, statements, parent) => {
  if (!statements.length) return;
  make("h5", title, parent);
  const block = make("pre", "", parent);
  statements.map(end).join("\n").split(hidden).forEach((part, number) => {
    if (number % 2) make("i", part, block, "u").dataset.u = spell(part);
    else block.append(part);
  });
  addCopy(block);
};
const seconds = (value) => {
  if (value === null) return "not estimated";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 120) return `${+value.toFixed(value < 10 ? 1 : 0)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
};
const fillStep = (place, step) => {
  const waiting = step.blocks === "nothing" ? "nothing"
    : `${step.blocks.replaceAll("-", " ")} for up to ${seconds(step.blocking_seconds)}`;
  const meta = make("span", "", place.querySelector("summary"), "meta");
  if (step.audience === "database") {
    make(waiting === "nothing" ? "span" : "b", `blocks ${waiting}`, meta);
    meta.append(` · ${seconds(step.duration_seconds)}`);
  } else meta.append(`done in the ${step.audience}`);
  if (step.point_of_no_return) make("strong", "Point of no return", meta, "sev error").before(" · ");
  addStatements("First check that this holds", step.precondition ? [step.precondition] : [], place);
  const several = step.transactional && step.statements.length > 1;
  addStatements("Run", several ? ["BEGIN", ...step.statements, "COMMIT"] : step.statements, place);
  for (const note of step.notes) make(note.startsWith("$ ") ? "code" : "span", note, make("p", "", place));
  const facts = make("ul", "", place);
  for (const [name, value] of [["Lock", step.lock], ["Basis", step.basis]]) {
    if (value) make("span", name, make("li", "", facts)).after(" " + value);
  }
  addStatements("Verify", step.verify ? [step.verify] : [], place);
  addStatements("Roll back", step.rollback, place);
};
const fillFinding = (item, finding) => {
  const told = finding.evidence.map(({ name, value, unit }) => {
    const shown = value === null ? "not known" : typeof value === "number" ? value.toLocaleString("en") : value;
    return `${name}: ${shown} ${unit ?? ""}`.trim();
  }).join("; ");
  const texts = item.tagName === "LI" ? [finding.explanation, finding.recommendation, told] : [told];
  const element = make("p", texts.join(" "), item.tagName === "LI" ? item : item.parentElement, "meta");
  if (item.tagName !== "LI") item.after(element);
};
const fillCard = (card, sections) => {
  for (const [section, label] of [["Why it matters", "Why it matters"], ["When it is fine", "When to ignore it"]]) {
    if (!sections?.[section]) continue;
    const row = make("div", "", card.querySelector(".pairs"));
    make("dt", label, row);
    const place = make("dd", "", row);
    for (const paragraph of sections[section].split(/\n\s*\n/)) make("p", paragraph.replaceAll("`", ""), place);
  }
};
const fill = ({ findings, plan, documentation }) => {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  for (const place of all("[data-step]")) fillStep(place, steps[place.dataset.step - 1]);
  for (const item of all("[data-f]")) fillFinding(item, findings[item.dataset.f]);
  for (const card of all("[data-check]")) fillCard(card, documentation[card.dataset.check]);
  for (const part of all(".without-script")) part.hidden = true;
};
if (document.querySelector("[data-step], [data-f]")) readData().then(fill);

// A link to something closed or filtered out shows it.
const reveal = () => {
  const target = location.hash && byId(location.hash.slice(1));
  if (!target) return;
  if (filter && target.closest("[hidden]")) { filter.reset(); apply(); }
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();
