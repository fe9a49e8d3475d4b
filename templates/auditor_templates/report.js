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

// Browsers do not unpack bzip2, which makes a third less of such data than what they do unpack.
const unpack = (bytes) => {
  let position = 32;
  const bit = () => (bytes[position >> 3] >> (7 - (position++ & 7))) & 1;
  const bits = (count) => { let value = 0; while (count--) value = 2 * value + bit(); return value; };
  const range = (count) => [...Array(count).keys()];
  const toFront = (list, place) => { const [item] = list.splice(place, 1); list.unshift(item); return item; };
  const readCodes = (symbols) => {
    let length = bits(5);
    const lengths = range(symbols).map(() => { while (bit()) length += bit() ? -1 : 1; return length; });
    const longest = Math.max(...lengths);
    const codes = new Uint16Array(2 << longest);
    let code = 0;
    for (let size = 1; size <= longest; size++, code *= 2) {
      lengths.forEach((own, symbol) => { if (own === size) codes[2 ** size + code++] = symbol + 1; });
    }
    return codes;
  };
  const out = [];
  while (bits(24) === 0x314159) {
    position += 57;
    const origin = bits(24);
    const present = range(16).filter(bit);
    const alphabet = present.flatMap((row) => range(16).filter(bit).map((column) => 16 * row + column));
    const groups = range(bits(3));
    const tables = groups.length;
    const selectors = range(bits(15)).map(() => { let place = 0; while (bit()) place++; return toFront(groups, place); });
    const codes = range(tables).map(() => readCodes(alphabet.length + 2));
    const end = alphabet.length + 1;
    const starts = new Uint32Array(257);
    const block = [];
    for (let read = 0, run = 0, weight = 1; ; read++) {
      const table = codes[selectors[Math.floor(read / 50)]];
      let code = 1;
      do code = 2 * code + bit(); while (!table[code]);
      const symbol = table[code] - 1;
      if (symbol < 2) { run += weight << symbol; weight *= 2; continue; }
      for (; run; run--) block.push(alphabet[0]);
      weight = 1;
      if (symbol === end) break;
      block.push(toFront(alphabet, symbol - 1));
    }
    for (const byte of block) starts[byte + 1]++;
    for (let byte = 1; byte < 257; byte++) starts[byte] += starts[byte - 1];
    const next = new Uint32Array(block.length);
    block.forEach((byte, place) => { next[starts[byte]++] = place; });
    for (let place = next[origin], left = block.length, same = 0, last = -1; left--; place = next[place]) {
      const byte = block[place];
      if (same === 4) {
        for (let more = byte; more--;) out.push(last);
        same = 0;
        last = -1;
      } else {
        same = byte === last ? same + 1 : 1;
        last = byte;
        out.push(byte);
      }
    }
  }
  return new TextDecoder().decode(new Uint8Array(out));
};

// Base85 as Python writes it, with a comma for the sign that could begin markup.
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";
const decode = (text) => {
  const view = new DataView(new ArrayBuffer(text.length / 5 * 4));
  for (let at = 0; at < text.length; at += 5) {
    let number = 0;
    for (const digit of text.slice(at, at + 5)) number = 85 * number + DIGITS.indexOf(digit);
    view.setUint32(at / 5 * 4, number);
  }
  return new Uint8Array(view.buffer);
};

// What a page of this size has no room for is taken from the data that it carries.
const readData = () => {
  const element = byId("audit");
  if (element.type === "application/json") return JSON.parse(element.textContent);
  return JSON.parse(unpack(decode(element.textContent)));
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
const addFact = (list, name, text, links = []) => {
  if (!text && !links.length) return;
  const item = make("li", "", list);
  make("span", name, item).after(` ${text ?? ""}`);
  links.forEach(([id, label], number) => {
    if (number) item.append(", ");
    make("a", label, item).href = "#" + id;
  });
};
const fillStep = (item, step, { notes, numbers, places }) => {
  const place = make("details", "", item.closest("section"));
  const title = make("h4", "", make("summary", "", place));
  make("b", item.id.slice(5), title).after(" " + step.title);
  item.parentElement.before(place);
  item.remove();
  place.id = item.id;
  const waiting = step.blocks === "nothing" ? "nothing"
    : `${step.blocks.replaceAll("-", " ")} for up to ${seconds(step.blocking_seconds)}`;
  const meta = make("span", "", place.querySelector("summary"), "meta");
  if (step.audience === "database") {
    make(waiting === "nothing" ? "span" : "b", `blocks ${waiting}`, meta);
    meta.append(` · ${seconds(step.duration_seconds)}`);
  } else meta.append(`done in the ${step.audience}`);
  const final = step.point_of_no_return ? "Point of no return" : step.reversible ? "" : "Cannot be undone";
  if (final) make("strong", final, meta, "sev error").before(" · ");
  addStatements("First check that this holds", step.precondition ? [step.precondition] : [], place);
  const several = step.transactional && step.statements.length > 1;
  addStatements("Run", several ? ["BEGIN", ...step.statements, "COMMIT"] : step.statements, place);
  for (const note of step.notes.filter((text) => !notes.has(text))) {
    make(note.startsWith("$ ") ? "code" : "span", note, make("p", "", place));
  }
  const facts = make("ul", "", place);
  addFact(facts, "Runs on", step.server && `the ${step.server}, not the audited server`);
  addFact(facts, "Lock", step.lock);
  addFact(facts, "Disk", step.disk_bytes && size(step.disk_bytes));
  addFact(facts, "Transaction", several ? "all in one" : step.statements.length && !step.transactional && "outside of one");
  addFact(facts, "Basis", step.basis);
  addFact(facts, "After", "", step.depends_on.map((id) => [`step-${numbers.get(id)}`, `step ${numbers.get(id)}`]));
  const shared = step.notes.filter((text) => notes.has(text)).map((text) => notes.get(text));
  addFact(facts, "Notes", "", shared.map((id) => [id, id.slice(5)]));
  const mended = step.findings.map((mark) => "f-" + mark.slice(0, 10)).filter((id) => byId(id));
  addFact(facts, "Mends", "", mended.slice(0, 5).map((id) => [id, places.get(id).title]));
  addStatements("Verify", step.verify ? [step.verify] : [], place);
  addStatements("Roll back", step.rollback, place);
};
const size = (value) => {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.abs(value) || 1) / 10)));
  const number = value / 1024 ** power;
  return `${number.toFixed(power && Math.abs(number) < 100 ? 1 : 0)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
};
const written = (value, unit) => {
  if (value === null) return "not known";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return `${value} ${unit ?? ""}`.trim();
  if (unit === "bytes") return size(value);
  if (unit === "share") return `${(100 * value).toFixed(Math.abs(value) < 0.1 ? 1 : 0)}%`;
  if (unit === "ms" || unit === "milliseconds") return seconds(value / 1000);
  return unit === "seconds" ? seconds(value) : `${value.toLocaleString("en")} ${unit ?? ""}`.trim();
};
const fillFinding = (item, finding) => {
  const told = finding.evidence.map(({ name, value, unit }) => `${name}: ${written(value, unit)}`).join("; ");
  const said = item.closest(".card").querySelector(".pairs").textContent.includes(finding.recommendation);
  const texts = item.tagName === "LI" ? [finding.explanation, said ? "" : finding.recommendation, told] : [told];
  const element = make("p", texts.join(" "), item.tagName === "LI" ? item : item.parentElement, "meta");
  if (item.tagName !== "LI") item.after(element);
};
const fillCard = (card, sections) => {
  for (const [section, label] of [["Why it matters", "Why it matters"], ["When it is fine", "When to ignore it"]]) {
    if (!sections?.[section]) continue;
    const list = card.querySelector(".pairs");
    make("dt", label, list);
    const place = make("dd", "", list);
    for (const paragraph of sections[section].split(/\n\s*\n/)) make("p", paragraph.replaceAll("`", "").replace(/\*(\w[^*]*\w)\*/g, "$1"), place);
  }
};
const fill = ({ findings, plan, documentation }) => {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  const places = new Map(findings.map((finding) => ["f-" + finding.fingerprint.slice(0, 10), finding]));
  const numbers = new Map(steps.map((step, number) => [step.id, number + 1]));
  const notes = new Map(all(".notes > div").map((note) => [note.querySelector("dd").textContent, note.id]));
  for (const item of all(".named > li")) fillStep(item, steps[item.id.slice(5) - 1], { notes, numbers, places });
  for (const list of all(".named")) list.remove();
  for (const item of all("[data-brief] [id^=f-]")) fillFinding(item, places.get(item.id));
  for (const card of all("[data-bare]")) fillCard(card, documentation[card.id.slice(6, card.id.lastIndexOf("-"))]);
  for (const part of all(".without-script")) part.hidden = true;
};
if (document.querySelector(".named, [data-brief], [data-bare]")) fill(readData());

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
