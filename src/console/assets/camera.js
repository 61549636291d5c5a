// The Camera view: a still a second while somebody looks, and drawing on it with mouse or keys. Without it both forms work.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const look = byId("look");
  const drawing = byId("drawing");
  if (!look || !drawing) return;
  const EVERY_MS = 1000;
  const AFTER_FAULT_MS = 3000;
  const part = (form, name, body) =>
    fetch(form.getAttribute("action"), { method: "POST", headers: { "X-Part": name }, body, credentials: "same-origin" });
  const replace = (id, html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    if (fresh) byId(id).replaceWith(fresh);
    for (const time of fresh?.querySelectorAll("time[data-at]") ?? []) {
      time.textContent = new Date(Number(time.dataset.at) / 1000).toTimeString().slice(0, 8);
    }
  };

  // --- Looking: one request at a time, none while nobody sees the page.
  const [start, stop] = [byId("look-start"), byId("look-stop")];
  let looking = false;
  let timer;
  const round = async () => {
    if (!looking) return;
    let wait = EVERY_MS;
    if (!document.hidden) {
      const begun = Date.now();
      try {
        const answer = await part(look, "preview", new URLSearchParams());
        const html = await answer.text();
        if (!looking) return;
        replace("preview", html);
        wait = answer.ok ? Math.max(0, EVERY_MS - (Date.now() - begun)) : AFTER_FAULT_MS;
      } catch {
        wait = AFTER_FAULT_MS;
      }
    }
    timer = setTimeout(round, wait);
  };
  const looks = (is) => {
    const focused = [start, stop].includes(document.activeElement);
    looking = is;
    clearTimeout(timer);
    start.hidden = is;
    stop.hidden = !is;
    // The key belongs to the button that is there.
    start.toggleAttribute("disabled", is);
    stop.toggleAttribute("disabled", !is);
    (is ? stop : start).setAttribute("data-key", "l");
    (is ? start : stop).removeAttribute("data-key");
    if (focused) (is ? stop : start).focus();
    if (is) round();
  };
  stop.removeAttribute("data-key");
  look.addEventListener("submit", (event) => { event.preventDefault(); looks(true); });
  stop.addEventListener("click", () => looks(false));

  // --- Drawing. The field of points is what counts; the picture shows it.
  const svg = drawing.querySelector("svg");
  const [width, height] = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
  const field = byId("draw-points");
  const told = byId("told");
  const cross = [0.5, 0.5];
  const share = (n) => Math.min(1, Math.max(0, n));
  const text = (p) => p.map((n) => String(Math.round(n * 1e4) / 1e4)).join(",");
  const points = () =>
    field.value.split("\n").map((line) => line.trim().split(/[\s,]+/).map(Number)).filter((p) => p.length === 2 && p.every((n) => n >= 0 && n <= 1));
  const at = ([x, y]) => (x * width).toFixed(1) + " " + (y * height).toFixed(1);
  const show = () => {
    const all = points();
    const closed = byId("draw-kind").value !== "line" && all.length > 2;
    byId("sketch").setAttribute("d", all.map((p, i) => (i ? "L" : "M") + at(p)).join("") + (closed ? "Z" : ""));
    byId("sketch-points").setAttribute("d", all.map((p) => "M" + at(p) + "h0").join(""));
    const [x, y] = [cross[0] * width, cross[1] * height];
    byId("cross").setAttribute("d", `M${x - 18} ${y}H${x + 18}M${x} ${y - 18}V${y + 18}`);
  };
  const put = (all) => { field.value = all.map(text).join("\n"); show(); };
  const add = (p) => { put([...points(), p]); if (told) told.textContent = points().length + ": " + text(p); };
  const back = () => put(points().slice(0, -1));
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const p = [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
    [cross[0], cross[1]] = p;
    add(p);
  });
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  drawing.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      const by = event.shiftKey ? 0.05 : 0.005;
      cross[0] = share(cross[0] + by * step[0]);
      cross[1] = share(cross[1] + by * step[1]);
      if (told) told.textContent = text(cross);
      show();
    } else if (event.key === "Enter" || event.key === " ") add([...cross]);
    else if (event.key === "Backspace" || event.key === "Delete") back();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("input", show);
  byId("draw-kind").addEventListener("change", show);
  byId("draw-clear").addEventListener("click", () => put([]));
  const form = byId("draw");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      replace("drawn", await (await part(form, "drawn", new URLSearchParams(new FormData(form)))).text());
    } catch {
      form.submit();
    }
  });
  show();
})();
