// Where on the page one is: its address.

// visit goes to an address of the page, and says so to what shows it. Where it is the same there is no new entry in the history; with
// instead it takes the place of the one that is there.
export function visit(url: string, instead = false) {
  if (new URL(url, location.href).href === location.href) return;
  history[instead ? "replaceState" : "pushState"](null, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
}
