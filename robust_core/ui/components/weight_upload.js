// One file from the disk to the server, without Streamlit's uploader, which would hold it in memory whole.
const MEGABYTE = 2 ** 20;

function inMegabytes(bytes) {
  return (bytes / MEGABYTE).toLocaleString("en", { maximumFractionDigits: 0 });
}

export default function ({ parentElement, data, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const [zone, input, label, sending, bar, output, error] = [".zone", "input", ".zone span", ".sending", "progress", "output", ".error"].map(find);
  const show = parentElement.weightUpload ??= { request: null };
  label.textContent = data.name ? `${data.name} is on the server. Drop another file to replace it.` : `Drop a weight file here, or click to choose one (at most ${inMegabytes(data.max_bytes)} MB)`;

  function complain(sentence) {
    error.textContent = sentence;
    error.hidden = !sentence;
  }

  function end(sentence) {
    show.request = null;
    sending.hidden = true;
    input.value = "";
    complain(sentence);
  }

  function send(file) {
    if (!file) return;
    show.request?.abort();
    if (file.size > data.max_bytes) return complain(`${file.name} has ${inMegabytes(file.size)} MB; at most ${inMegabytes(data.max_bytes)} MB can be uploaded. Import it in a terminal.`);
    complain("");
    const request = (show.request = new XMLHttpRequest());
    const url = new URL("." + data.address, document.baseURI);
    url.searchParams.set("name", file.name);
    request.open("PUT", url);
    request.upload.onprogress = ({ loaded }) => {
      bar.value = file.size ? loaded / file.size : 1;
      output.textContent = `${inMegabytes(loaded)} of ${inMegabytes(file.size)} MB`;
    };
    request.onload = () => {
      let response = {};
      try { response = JSON.parse(request.responseText); } catch { /* a proxy in between answered */ }
      if (request.status !== 200) return end(response.error ?? `The server refused the file (${request.status}).`);
      end("");
      setTriggerValue("sent", response.name);
    };
    request.onerror = () => end("The upload broke off; try again.");
    request.onabort = () => end("");
    sending.hidden = false;
    bar.value = 0;
    request.send(file);
  }

  input.onchange = () => send(input.files[0]);
  find("button").onclick = () => show.request?.abort();
  zone.ondragover = (event) => { event.preventDefault(); zone.classList.add("over"); };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (event) => { event.preventDefault(); zone.classList.remove("over"); send(event.dataTransfer.files[0]); };
}
