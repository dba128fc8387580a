# rateest: no estimator where these were written, so they stand for what the option parser takes
-m rateest --rateest RE1 --rateest-bps 8bit --rateest-lt; =; OK
-m rateest --rateest1 RE1 --rateest-pps 5 --rateest-gt; -m rateest --rateest RE1 --rateest-pps 5 --rateest-gt; OK
-m rateest --rateest-lt; you need to specify --rateest; FAIL
-m rateest --rateest RE1 --rateest-pps 5; one of --rateest-lt; FAIL
-m rateest --rateest RE1 --rateest-bps 5xyz --rateest-lt; bad rate "5xyz"; FAIL
# does it fit, and why
? ; -m rateest --rateest RE1 --rateest-bps 8bit --rateest-lt; UNKNOWN estimated rates are not told
