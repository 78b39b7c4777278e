document.documentElement.dataset.sample = "loaded";
