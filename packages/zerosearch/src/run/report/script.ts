/** The page's only script: values under the pointer. Without it the page shows the last ones. */

export const SCRIPT = `
for (const chart of document.querySelectorAll("[data-readings]")) {
  const { first, last, rows } = JSON.parse(chart.dataset.readings);
  const plot = chart.querySelector(".plot");
  const cursor = chart.querySelector(".cursor");
  const at = chart.querySelector("[data-step]");
  const values = [...chart.querySelectorAll("[data-value]")];
  const texts = [at, ...values].map((node) => node.textContent);
  const steps = [...new Set(rows.flat().map(([step]) => step))];
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const pointed = first + ((event.clientX - box.left) / box.width) * (last - first);
    const step = steps.reduce((best, one) => (Math.abs(one - pointed) < Math.abs(best - pointed) ? one : best));
    cursor.hidden = false;
    cursor.style.left = (100 * (step - first)) / (last - first) + "%";
    at.textContent = step;
    values.forEach((node, i) => {
      const found = rows[i].find(([its]) => its === step);
      node.textContent = found ? found[1] : "–";
    });
  });
  plot.addEventListener("pointerleave", () => {
    cursor.hidden = true;
    [at, ...values].forEach((node, i) => (node.textContent = texts[i]));
  });
}
`;
