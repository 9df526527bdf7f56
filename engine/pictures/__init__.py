"""Pictures are looked at: a blank, frozen or wrong one makes a trial fail, however fast it was drawn."""
