package web

import (
	"gatehouse/auth/words"
	"math"
	"strings"
	"testing"
)

func TestCeiling(t *testing.T) {
	tests := map[float64]float64{0: 4, 3: 4, 4: 4, 5: 8, 9: 20, 20: 20, 21: 40, 153: 200, 12480: 20000}
	for highest, want := range tests {
		if got := ceiling(highest); got != want {
			t.Errorf("%v: %v, want %v", highest, got, want)
		}
	}
	if got := ceiling(math.MaxFloat64); got < math.MaxFloat64 {
		t.Errorf("the largest number ends at %v", got)
	}
}

func TestPath(t *testing.T) {
	points := spread([]float64{0, 5, 10}, 10, 100, 0, 50)
	if got := path(points); got != "M0 50L50 25L100 0" {
		t.Error(got)
	}
	if got := area(points, 50); got != "M0 50L50 25L100 0L100 50L0 50Z" {
		t.Error(got)
	}
	if got := path(nil) + area(nil, 50); got != "" {
		t.Error(got)
	}
}

func TestChartStandsWildNumbers(t *testing.T) {
	chart := Chart{Title: "x", Labels: []words.Text{"a", "b", "c"}, Bars: true, Series: []Series{
		{Name: "wild", Values: []float64{math.NaN(), math.Inf(1), -5}}, {Name: "short", Values: []float64{3}}, {Name: "long", Values: []float64{1, 2, 3, 4, 5}},
	}}
	for _, bars := range []bool{true, false} {
		chart.Bars = bars
		var out strings.Builder
		if err := chart.Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{`"NaN`, " NaN", "Inf ", `"-`} {
			if strings.Contains(between(out.String(), "<svg", "</svg>"), wrong) {
				t.Errorf("bars %v: %q in the picture", bars, wrong)
			}
		}
	}
}

func between(text, start, end string) string {
	_, rest, _ := strings.Cut(text, start)
	found, _, _ := strings.Cut(rest, end)
	return found
}

func TestStackedBarsReachTheirSum(t *testing.T) {
	chart := Chart{Labels: []words.Text{"a"}, Bars: true, Series: []Series{{Name: "x", Values: []float64{3}}, {Name: "y", Values: []float64{1}}}}
	pieces := chart.bars()
	if len(pieces) != 2 || pieces[0].y+pieces[0].height != plotHeight || pieces[1].y+pieces[1].height != pieces[0].y || pieces[1].y != 0 {
		t.Errorf("got %+v", pieces)
	}
}

// TestTicks: few labels, at even distances, the last one among them.
func TestTicks(t *testing.T) {
	labels := Raws(strings.Split("abcdefghijklmnopqrstuvwxyz", ""))
	written := ""
	for i, tick := range (Chart{Labels: labels}).ticks() {
		if tick.label != "" && tick.label != labels[i] {
			t.Errorf("%q stands at %q", tick.label, labels[i])
		}
		written += tick.label.English()
	}
	if written != "bfjnrvz" {
		t.Errorf("got %v", written)
	}
	for _, tick := range (Chart{Labels: labels[:3]}).ticks() {
		if tick.label == "" {
			t.Error("a label of few is missing")
		}
	}
}
