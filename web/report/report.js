// The page of report.html: draws the charts when they come into view, and again when the colours change; sorts tables.
// `vega` and `vegaLite` are inlined before this script, `sluiceReport` holds the charts and both themes.
(() => {
  const { charts, themes } = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();

  const scheme = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

  async function draw(figure) {
    const spec = charts[figure.dataset.chart];
    const place = figure.querySelector(".chart");
    views.get(figure)?.finalize();
    const compiled = vegaLite.compile(spec, { config: themes[scheme()] });
    const view = new vega.View(vega.parse(compiled.spec), { renderer: "svg", container: place, hover: true });
    views.set(figure, view);
    view.tooltip(showTooltip);
    await view.runAsync();
    const svg = place.querySelector("svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", figure.dataset.title);
  }

  function redraw() {
    for (const figure of views.keys()) draw(figure);
    for (const button of document.querySelectorAll("#theme"))
      button.textContent = scheme() === "dark" ? "Light" : "Dark";
  }

  const tooltip = document.createElement("div");
  tooltip.id = "tooltip";
  tooltip.hidden = true;
  document.body.append(tooltip);

  function showTooltip(_handler, event, _item, value) {
    if (value === null || value === undefined || value === "") {
      tooltip.hidden = true;
      return;
    }
    const table = document.createElement("table");
    for (const [name, figure] of Object.entries(value)) {
      const row = table.insertRow();
      row.insertCell().textContent = name;
      row.insertCell().textContent = String(figure);
    }
    tooltip.replaceChildren(table);
    tooltip.hidden = false;
    const { width, height } = tooltip.getBoundingClientRect();
    tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
    tooltip.style.top = `${Math.max(4, Math.min(event.clientY + 14, innerHeight - height - 8))}px`;
  }

  function sortBy(header) {
    const table = header.closest("table");
    const column = [...header.parentElement.children].indexOf(header);
    const falling =
      header.getAttribute("aria-sort") === "descending" ? false : column > 0 || header.hasAttribute("aria-sort");
    const direction = header.getAttribute("aria-sort") === "ascending" || falling ? -1 : 1;
    const keyOf = (row) => {
      const key = row.children[column].dataset.value;
      return key === "" || Number.isNaN(Number(key)) ? key : Number(key);
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [keyOf(a), keyOf(b)];
      if (x === "" || y === "") return x === y ? 0 : x === "" ? 1 : -1;
      return direction * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
    });
    table.tBodies[0].append(...rows);
    for (const other of header.parentElement.children) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  }

  for (const button of document.querySelectorAll("th button")) {
    button.addEventListener("click", () => sortBy(button.closest("th")));
  }
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = scheme() === "dark" ? "light" : "dark";
    redraw();
  });
  system.addEventListener("change", redraw);
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const figure of document.querySelectorAll("figure[data-chart]")) seen.observe(figure);
  addEventListener("beforeprint", () => {
    for (const figure of document.querySelectorAll("figure[data-chart]")) if (!views.has(figure)) draw(figure);
  });
  redraw();
})();
