"""What phones, browsers and microcontrollers get."""
