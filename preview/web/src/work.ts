// Drawing many panels takes long: it is done a few at a time between two frames, so that the page answers meanwhile.
const slice = 10; // milliseconds of a frame

let jobs: { wanted: () => boolean; run: () => void }[] = [];
let going = false;

export function later(wanted: () => boolean, run: () => void) {
  jobs.push({ wanted, run });
  if (!going) {
    going = true;
    next();
  }
}

// A page that is not seen has no frames.
const next = () => (document.hidden ? setTimeout(some, 0) : requestAnimationFrame(() => setTimeout(some, 0)));

function some() {
  const begun = performance.now();
  do {
    const job = jobs.shift();
    if (job?.wanted()) job.run();
  } while (jobs.length > 0 && performance.now() - begun < slice);
  going = jobs.length > 0;
  if (going) next();
}
