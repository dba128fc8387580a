# LED: from iptables' own manual; the kernel at hand has no LEDs to ask
:FORWARD
-j LED --led-trigger-id foo; -j LED --led-trigger-id "foo"; OK
-j LED --led-trigger-id "foo" --led-delay 42 --led-always-blink; =; OK
-j LED --led-always-blink --led-delay inf --led-trigger-id a; -j LED --led-trigger-id "a" --led-delay inf --led-always-blink; OK
-j LED --led-trigger-id "foo" --led-delay 0; -j LED --led-trigger-id "foo"; OK
-j LED; option "--led-trigger-id" must be specified; FAIL
-j LED --led-trigger-id 12345678901234567; 1 to 16 characters; FAIL
-j LED --led-trigger-id foo --led-delay x; bad value for option "--led-delay"; FAIL
