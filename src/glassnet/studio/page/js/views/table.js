// All views, in the order of the page. `of` says for which data; a view of `each` run stands once for each.

import code from "./code.js";
import confusion from "./confusion.js";
import digit from "./digit.js";
import doctor from "./doctor.js";
import histograms from "./histograms.js";
import losses from "./losses.js";
import network from "./network.js";
import numbers from "./numbers.js";
import row from "./row.js";
import surface from "./surface.js";
import weights from "./weights.js";
import whatif from "./whatif.js";

const always = () => true;

export const VIEWS = [
  { name: "network", title: "The network", create: network, of: always, each: true, wide: true, about: "One sample on its way through. Blue is above zero, vermillion below; a line’s width is its weight." },
  { name: "numbers", title: "Every number", create: numbers, of: always, each: true, wide: true, about: "Where the number that you chose comes from, for the batch of the next step, worked out line by line." },
  { name: "losses", title: "Losses", create: losses, of: always, each: false, about: "The training loss of an epoch is measured while the weights change, the validation loss after it." },
  { name: "surface", title: "Every place", create: surface, of: (data) => data.kind === "plane", each: true, about: "What the network says of every place on the plane, and below it each hidden unit." },
  { name: "digit", title: "Draw a digit", create: digit, of: (data) => data.kind === "images", each: true, about: "The network as it is at the shown step looks at your drawing." },
  { name: "row", title: "Ask it", create: row, of: (data) => data.kind === "table", each: true, about: "A row of your own, as the network at the shown step sees it; it begins with the sample shown above." },
  { name: "confusion", title: "Predictions", create: confusion, of: always, each: true, about: "What the network makes of the samples that it does not learn from." },
  { name: "weights", title: "Weights as pictures", create: weights, of: always, each: true, about: "What each unit looks for." },
  { name: "histograms", title: "Layers", create: histograms, of: always, each: true, about: "How the weights, activations and gradients of each layer are spread." },
  { name: "whatif", title: "What if?", create: whatif, of: always, each: true, about: "The next step, tried with five learning rates." },
  { name: "code", title: "Take it with you", create: code, of: always, each: true, about: "This run again, in Python." },
];

export const DOCTOR = { name: "doctor", title: "The doctor", create: doctor, of: always, each: true };
