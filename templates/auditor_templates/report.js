"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
for (const part of all(".tools, #filter")) part.hidden = false;

// The theme of the system stands until the reader chooses; the choice lasts as long as the page.
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

const expand = document.getElementById("expand");
expand.addEventListener("click", () => {
  const open = expand.getAttribute("aria-pressed") !== "true";
  expand.setAttribute("aria-pressed", String(open));
  expand.textContent = open ? "Collapse all" : "Expand all";
  for (const part of all("details")) part.open = open;
});

// Browsers that do not print what is closed get it opened.
addEventListener("beforeprint", () => { for (const part of all("details")) part.open = true; });

// A link into something closed opens it.
const reveal = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();

const filter = document.getElementById("filter");
if (filter) {
  const [text, severity, pillar] = ["text", "severity", "pillar"].map((id) => document.getElementById(id));
  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0, of = 0;
    for (const group of all(".group")) {
      let any = false;
      for (const card of all(".card", group)) {
        const content = card.textContent.toLowerCase();
        const fits = (!severity.value || group.dataset.s === severity.value)
          && (!pillar.value || card.dataset.p === pillar.value) && words.every((word) => content.includes(word));
        card.hidden = !fits;
        any ||= fits;
        of += 1;
        if (fits) shown += 1;
      }
      group.hidden = !any;
    }
    document.getElementById("shown").textContent = shown === of ? "" : `${shown} of ${of} shown`;
  };
  filter.addEventListener("input", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
}

for (const block of all("pre.sql")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = block.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.after(button);
}
