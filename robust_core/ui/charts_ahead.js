// Plotly's script comes beside Streamlit's own and runs as soon as something is on the screen, while the page waits for the
// server: a chart that comes then is drawn at once.
(() => {
  const { plotly } = document.currentScript.dataset;
  const run = () => {
    const script = document.createElement("script");
    script.src = new URL(plotly, document.baseURI).href;
    script.onerror = () => script.remove(); // the chart asks again
    document.head.append(script);
  };
  new PerformanceObserver((painted, observer) => {
    if (!painted.getEntriesByName("first-contentful-paint").length) return;
    observer.disconnect();
    run();
  }).observe({ type: "paint", buffered: true });
})();
