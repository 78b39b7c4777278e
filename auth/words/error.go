package words

import "errors"

// said is an error with words for people.
type said struct {
	text    Text
	because error
}

// Error is English, for logs and the command line.
func (e said) Error() string { return e.text.English() }

// Unwrap is the cause, if there is one.
func (e said) Unwrap() error { return e.because }

// Because is [Err] with the error that it says.
func Because(err error, text Text) error { return said{text, err} }

// Err is an error that people may be told of in their language; see [OfError].
func Err(text Text) error { return said{text: text} }

// OfError gives the words of an error: those of [Err] where it was made so, of several
// joined ones all, and of any other its English as it is.
func OfError(err error) Text {
	if err == nil {
		return ""
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var list []Text
		for _, e := range several.Unwrap() {
			list = append(list, OfError(e))
		}
		return Join("; ", list...)
	}
	var e said
	if errors.As(err, &e) {
		return e.text
	}
	return Raw(err.Error())
}
