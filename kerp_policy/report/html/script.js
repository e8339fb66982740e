"use strict";
// Filters, search and the theme. Nothing of the data is ever made into markup: text goes through
// textContent and the DOM alone, and the page's policy would refuse anything else.
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  const theme = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (isDark) => theme.setAttribute("aria-pressed", String(isDark));
  theme.hidden = false;
  show(dark.matches);
  dark.addEventListener("change", () => root.dataset.theme || show(dark.matches));
  theme.addEventListener("click", () => {
    const isDark = theme.getAttribute("aria-pressed") !== "true";
    root.dataset.theme = isDark ? "dark" : "light";
    show(isDark);
  });

  // What is folded is printed, too.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => folded.forEach((one) => (one.open = false)));

  const form = byId("filters");
  if (!form) return;
  const list = byId("list");
  const findings = [...list.querySelectorAll(".finding")];
  const files = [...list.querySelectorAll(".file")].map((file) => ({
    file,
    amount: file.querySelector(".amount"),
    findings: [...file.querySelectorAll(".finding")],
  }));
  const FEW = 300;
  const selects = [...form.querySelectorAll("select")];
  const SEVERAL = new Set(["owner", "clause", "control"]);
  const valuesOf = (finding, name) => {
    const value = finding.dataset[name];
    return SEVERAL.has(name) && value ? value.split(" ") : [value];
  };
  const ORDERED = {
    verdict: ["fail", "unverified", "debt", "waived"],
    severity: ["error", "warning", "info"],
  };
  const inOrder = (name, one, other) => {
    const order = ORDERED[name];
    if (order) return order.indexOf(one) - order.indexOf(other);
    return one.localeCompare(other, "en", { numeric: true });
  };
  const words = (name, value) => {
    if (value) return value;
    return { environment: list.dataset.none, owner: list.dataset.nobody }[name] || "–";
  };
  for (const select of selects) {
    const values = new Set(findings.flatMap((one) => valuesOf(one, select.name)));
    for (const value of [...values].sort((a, b) => inOrder(select.name, a, b))) {
      select.add(new Option(words(select.name, value), value));
    }
    select.closest("label").hidden = values.size < 2;
  }

  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const file = finding.parentElement.querySelector("summary").textContent;
      texts.set(finding, `${file} ${finding.textContent}`.toLowerCase());
    }
    return texts.get(finding);
  };
  const filter = () => {
    const asked = selects.filter((select) => select.value !== "*");
    const sought = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (finding) =>
      asked.every((select) => valuesOf(finding, select.name).includes(select.value)) &&
      sought.every((word) => textOf(finding).includes(word));
    let shown = 0;
    const counts = files.map(({ findings }) => {
      const fitting = findings.filter((one) => !(one.hidden = !fits(one))).length;
      shown += fitting;
      return fitting;
    });
    const isAsked = asked.length || sought.length;
    files.forEach(({ file, amount, findings }, at) => {
      file.hidden = !counts[at];
      amount.textContent = isAsked ? `${counts[at]} / ${findings.length}` : findings.length;
      if (isAsked && shown <= FEW) file.open = true;
    });
    byId("nothing").hidden = shown > 0;
    const count = byId("count");
    const said = count.dataset.words
      .replace("{shown}", shown)
      .replace("{all}", findings.length);
    if (count.textContent !== said) count.textContent = said;
  };

  let waiting;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };
  form.hidden = false;
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  byId("text").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.target.value = "";
    filter();
  });
  const openAll = (isOpen) => files.forEach(({ file }) => (file.open = isOpen && !file.hidden));
  byId("open").addEventListener("click", () => openAll(true));
  byId("close").addEventListener("click", () => openAll(false));

  // A number in a table or on a card leads to the findings that it counts.
  document.querySelectorAll("a[href='#findings']").forEach((link) => {
    if (!Object.keys(link.dataset).length) return;
    link.addEventListener("click", () => {
      form.reset();
      for (const select of selects) {
        const value = link.dataset[select.name];
        if (value !== undefined) select.value = value;
      }
      filter();
      byId("findings").focus();
    });
  });
  filter();
})();
