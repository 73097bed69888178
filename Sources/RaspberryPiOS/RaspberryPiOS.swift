// RaspberryPiOS
