// Keeps the page fresh and makes the copy buttons work. Without it the page is complete, only still.
"use strict";

const EVERY = 5000; // milliseconds

document.documentElement.classList.add("scripted");

// --- fresh parts -------------------------------------------------------------------------------

const servedParts = (page) =>
  new Map([...page.querySelectorAll("[data-part]")].map((part) => [part.id, part.outerHTML]));

let served = servedParts(document);

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(EVERY * 2) });
    if (!answer.ok) throw new Error(answer.status);
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    document.getElementById("offline").hidden = true;
  } catch {
    document.getElementById("offline").hidden = false;
  }
}

// Only what changed is replaced, so that a selection, an open list or the scroll stays.
function show(page) {
  const fresh = servedParts(page);
  document.title = page.title;
  if ([...fresh.keys()].join() === [...served.keys()].join()) {
    for (const [id, html] of fresh) {
      if (html !== served.get(id)) replace(document.getElementById(id), page.getElementById(id));
    }
  } else {
    replace(document.getElementById("status"), page.getElementById("status"));
  }
  served = fresh;
}

function replace(old, fresh) {
  for (const open of old.querySelectorAll("details[open]")) {
    const same = fresh.querySelector(`[data-keep="${CSS.escape(open.dataset.keep)}"]`);
    if (same) same.open = true;
  }
  const focused = old.contains(document.activeElement) ? marker(document.activeElement) : null;
  old.replaceWith(fresh);
  if (focused) document.querySelector(focused)?.focus({ preventScroll: true });
}

// A selector that finds the same control in the fresh part.
function marker(element) {
  const kept = element.closest("details")?.dataset.keep;
  if (element.matches("summary") && kept) return `[data-keep="${CSS.escape(kept)}"] > summary`;
  if (element.dataset.copy) return `[data-copy="${CSS.escape(element.dataset.copy)}"]`;
  const address = element.getAttribute("href");
  return address ? `a[href="${CSS.escape(address)}"]` : null;
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);

// --- copying -----------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const done = await copy(button.dataset.copy);
  say(button, done ? "Copied" : "Press Ctrl+C");
});

async function copy(text) {
  if (window.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // a frame without permission: the old way below still works there
    }
  }
  return copyBySelection(text);
}

// Browsers give the clipboard to https pages only; most of these pages are plain http.
function copyBySelection(text) {
  const active = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  active?.focus({ preventScroll: true });
  return done;
}

function say(button, word) {
  const label = button.querySelector("span");
  const icon = button.querySelector("use");
  label.textContent = word;
  icon.setAttribute("href", word === "Copied" ? "#i-done" : "#i-copy");
  button.classList.toggle("copied", word === "Copied");
  document.getElementById("said").textContent = `${word}: ${button.dataset.copy}`;
  setTimeout(() => {
    label.textContent = "Copy";
    icon.setAttribute("href", "#i-copy");
    button.classList.remove("copied");
  }, 2000);
}

// --- times -------------------------------------------------------------------------------------

document.addEventListener("pointerover", (event) => {
  const time = event.target.closest?.("time");
  if (time) time.title = new Date(time.dateTime).toLocaleString();
});
