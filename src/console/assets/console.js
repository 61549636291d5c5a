// What saves reloading: live updates, opening an alert beside the queue, keys, and times in the browser's own zone.
// Every page works without it. What it puts into the page is HTML of this console's own, made and escaped there.
"use strict";

(() => {
  const body = document.body;
  const { page, run, about } = body.dataset;
  if (!page) return;
  const ROWS_MAX = 200;
  const SILENCE_MAX_MS = 10000;
  const AGAIN_MS = 1000;
  const byId = (id) => document.getElementById(id);
  const lang = document.documentElement.lang;

  // --- Times. The console's clock counts, not the browser's.
  let ahead = Number(body.dataset.now) / 1000 - Date.now();
  const two = (n) => String(n).padStart(2, "0");
  const units = lang === "ko" ? ["초", "분", "시간", "일"] : [" s", " min", " h", " d"];
  const ago = (micros) => {
    const s = Math.max(0, Math.floor((Date.now() + ahead - micros / 1000) / 1000));
    if (s < 60) return s + units[0];
    if (s < 3600) return Math.floor(s / 60) + units[1];
    if (s < 86400) return Math.floor(s / 3600) + units[2];
    return Math.floor(s / 86400) + units[3];
  };
  const local = (root) => {
    for (const time of root.querySelectorAll("[data-at]")) {
      const at = new Date(Number(time.dataset.at) / 1000);
      const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
      const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
      time.textContent = "date" in time.dataset ? day + " " + clock : clock;
      if (time.dateTime) time.title = time.dateTime;
    }
  };
  const ages = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = ago(Number(time.dataset.ago));
      if (time.textContent !== text) time.textContent = text;
    }
    for (const due of document.querySelectorAll("[data-due]")) {
      due.textContent = Math.max(0, Math.round((Number(due.dataset.due) / 1000 - Date.now() - ahead) / 1000)) + units[0];
    }
  };
  const zone = document.querySelector("[data-zone]");
  if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  local(body);
  ages();
  setInterval(ages, 1000);

  // --- Parts of the page.
  const parsed = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    local(template.content);
    return template.content;
  };
  const replace = (id, html, unasked = false) => {
    const old = byId(id);
    const fresh = parsed(html).firstElementChild;
    if (!old || !fresh) return;
    // Whoever stands on a link in it goes on standing there.
    const at = old.contains(document.activeElement) ? document.activeElement : null;
    const link = at?.getAttribute("href");
    // And what was scrolled to stays in sight.
    const scrolled = old.querySelector(".scroll")?.scrollTop;
    // What somebody is writing stays where nobody asked for news; what was sent does not.
    for (const field of unasked ? old.querySelectorAll("input[id]") : []) {
      const same = fresh.querySelector("#" + CSS.escape(field.id));
      if (same) same.value = field.value;
    }
    old.replaceWith(fresh);
    if (scrolled) fresh.querySelector(".scroll").scrollTop = scrolled;
    if (at?.id) byId(at.id)?.focus({ preventScroll: true });
    else if (at?.matches(".scroll")) fresh.querySelector(".scroll")?.focus({ preventScroll: true });
    else if (link) fresh.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  };
  const tell = (text) => { const told = byId("told"); if (told) told.textContent = text; };

  // --- The queue and the pane of one alert.
  const queue = byId("queue");
  const chosen = () => byId("detail")?.dataset.alert;
  const mark = () => {
    const id = chosen();
    for (const row of document.querySelectorAll("a.row")) {
      if (row.dataset.alert === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    document.querySelector(".split")?.toggleAttribute("data-chosen", Boolean(id));
  };
  const title = document.title;
  const nothing = () => {
    const empty = byId("nothing");
    if (!empty || !queue) return;
    const todo = queue.querySelectorAll("a.row:not([data-finished])").length;
    document.title = todo ? `(${todo}) ${title}` : title;
    const all = byId("show-all").checked;
    empty.hidden = Boolean(queue.querySelector(all ? "a.row" : "a.row:not([data-finished])"));
  };
  const order = ({ order, groups, more }) => {
    if (!queue) return;
    const focused = document.activeElement?.closest?.("#queue a.row")?.id;
    let news = 0;
    for (const [id, html] of Object.entries(groups)) {
      const fresh = parsed(html).firstElementChild;
      const old = byId(id);
      if (old) old.replaceWith(fresh);
      else { queue.append(fresh); news += 1; }
    }
    const wanted = new Set(order);
    for (const group of [...queue.children]) if (!wanted.has(group.id)) group.remove();
    order.forEach((id, place) => {
      const group = byId(id);
      if (group && queue.children[place] !== group) queue.insertBefore(group, queue.children[place] ?? null);
    });
    const rest = byId("more");
    rest.hidden = more === 0;
    rest.firstElementChild.textContent = more;
    if (focused) byId(focused)?.focus({ preventScroll: true });
    mark();
    nothing();
    ages();
    if (news) tell(byId("queue-title").textContent + ": +" + news);
    const open = chosen();
    if (open && Object.keys(groups).some((id) => byId(id)?.querySelector(`[data-alert="${open}"]`))) refresh(open);
  };
  const part = async (url, options = {}) => {
    const answer = await fetch(url, { ...options, headers: { "X-Part": "detail" }, credentials: "same-origin" });
    return (await answer.text());
  };
  const put = (html) => {
    replace("detail", html);
    mark();
    ages();
  };
  const open = async (url, focus = true) => {
    put(await part(url));
    if (focus) byId("detail").focus({ preventScroll: true });
  };
  // What somebody is writing, and stills that are open, stay; the facts and the history are made anew.
  const refresh = async (id) => {
    const html = await part("/?alert=" + id);
    if (chosen() !== id) return;
    const fresh = parsed(html).firstElementChild;
    const writing = [...document.querySelectorAll("#work input[name=text]")].some((field) => field.value !== "");
    const typing = document.activeElement?.closest("#work");
    const same = byId("work") && fresh.querySelector("#work .acts") && byId("work").querySelector(".acts");
    for (const name of ["facts", "history", ...(writing || (typing && same) ? [] : ["work"])]) {
      const [old, now] = [byId(name), fresh.querySelector("#" + name)];
      if (old && now) old.replaceWith(now);
    }
    ages();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.row, a.close");
    if (!link || page !== "now" || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const back = chosen();
    history.pushState(null, "", link.href);
    open(link.href, link.matches("a.row")).then(() => {
      if (link.matches("a.close")) byId("a" + back)?.focus();
    });
  });
  addEventListener("popstate", () => { if (page === "now") open(location.href, false); });
  document.addEventListener("change", (event) => { if (event.target.name === "show") nothing(); });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-part]")) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      // `form.action` is the field of that name.
      put(await part(form.getAttribute("action"), { method: "POST", body: fields }));
      byId("detail").focus({ preventScroll: true });
    } catch {
      button.disabled = false;
      lost(true);
    }
  });

  // --- Keys, unless they are switched off or somebody is writing.
  const rows = () => [...document.querySelectorAll("a.row, [data-step]")].filter((row) => row.offsetParent !== null);
  const step = (by) => {
    const all = rows();
    const at = all.findIndex((row) => row === document.activeElement || (row.dataset.alert && row.dataset.alert === chosen()));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && writing) { event.target.blur(); return; }
    if (body.dataset.keys === "off" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j" || event.key === "k") { step(event.key === "j" ? 1 : -1); event.preventDefault(); return; }
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target || target.disabled) return;
    event.preventDefault();
    if (target.matches("input")) target.focus();
    else target.click();
  });

  // --- Live updates.
  let source;
  let revision = body.dataset.revision;
  let knownRun = run;
  let heard = Date.now();
  const lost = (is) => { byId("page-lost").hidden = !is; body.toggleAttribute("data-lost", is); };
  const listen = () => {
    source?.close();
    if (document.hidden) return;
    const asked = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries({ page, about, after: revision, run: knownRun })) asked.set(name, value);
    source = new EventSource("/live?" + asked);
    const on = (name, take) => source.addEventListener(name, (event) => {
      heard = Date.now();
      lost(false);
      if (event.lastEventId) revision = event.lastEventId;
      take(JSON.parse(event.data));
    });
    on("fresh", (now) => {
      knownRun = String(now);
      byId("rows")?.replaceChildren();
      queue?.replaceChildren();
    });
    on("parts", (parts) => { for (const [id, html] of Object.entries(parts)) replace(id, html, true); ages(); });
    on("queue", order);
    on("rows", ({ html, missed }) => {
      const table = byId("rows");
      if (!table) return;
      if (missed) table.replaceChildren();
      table.prepend(parsed(html));
      while (table.children.length > ROWS_MAX) table.lastElementChild.remove();
    });
    on("beat", (now) => { ahead = now / 1000 - Date.now(); });
    source.onerror = () => {
      // A page without a place is answered with nothing; any other is tried again.
      const refused = source.readyState === EventSource.CLOSED;
      source.close();
      lost(true);
      byId("page-refused").hidden = !refused || Date.now() - heard > SILENCE_MAX_MS;
      setTimeout(listen, refused ? 5 * AGAIN_MS : AGAIN_MS);
    };
    source.onopen = () => { byId("page-refused").hidden = true; };
  };
  setInterval(() => {
    if (document.hidden || Date.now() - heard < SILENCE_MAX_MS) return;
    heard = Date.now();
    lost(true);
    listen();
  }, AGAIN_MS);
  // A browser has few connections to one address: a page that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source?.close();
    else { heard = Date.now(); listen(); }
  });
  mark();
  nothing();
  listen();
})();
