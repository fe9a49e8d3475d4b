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

for (const block of all("pre.sql")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
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
  const frame = document.createElement("div");
  frame.className = "frame";
  block.replaceWith(frame);
  frame.append(block, button);
}

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
